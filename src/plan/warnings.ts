import type { Assigned } from './assign.js';
import type { Signs } from './facts.js';
import type { StepInfo } from './steps-of-model.js';

/** How many weighted layers in a row of z⁺ make an explanation hard to tell from another class's. */
const DEEP = 5;

/** Trouble the field knows of, as remarks on single rows and on the plan as a whole. */
export interface Warnings {
  readonly general: readonly string[];
  readonly byNode: ReadonlyMap<number, readonly string[]>;
}

/** Looks for combinations of rules and model that are known to mislead. Nothing here stops a plan. */
export function findWarnings(steps: readonly StepInfo[], rules: ReadonlyMap<number, Assigned>, signs: Signs): Warnings {
  const byNode = new Map<number, string[]>();
  for (const step of steps) {
    const notes = [...signedInputs(step, rules, signs), ...innerSigmoid(step), ...cancellingSum(step, signs)];
    if (notes.length > 0) byNode.set(step.node.id, notes);
  }
  return { general: classBlind(steps, rules), byNode };
}

function classBlind(steps: readonly StepInfo[], rules: ReadonlyMap<number, Assigned>): string[] {
  const weighted = steps.filter((step) => step.weighted);
  const blind = weighted.filter((step) => isPositiveOnly(rules.get(step.node.id)));
  if (weighted.length < DEEP || blind.length < weighted.length) return [];
  return [
    `z-plus on all ${weighted.length} weighted layers: on deep networks the result hardly depends on the explained class ` +
      '(Sixt et al. 2020). Use epsilon on the last layers, as "epsilon-plus" does.',
  ];
}

/** One share that keeps only positive contributions. */
function isPositiveOnly(assigned: Assigned | undefined): boolean {
  const rule = assigned?.rule;
  if (rule?.kind !== 'shares') return false;
  return (
    rule.shares.every((share) =>
      share.terms.every(
        (term) =>
          term.input !== 'one' && typeof term.kernel === 'object' && term.kernel.positive * term.kernel.negative === 0,
      ),
    ) && rule.shares.every((share) => share.weight >= 0)
  );
}

/** A rule that treats weights by sign and the input as a whole means something else once inputs can be negative. */
function signedInputs({ node }: StepInfo, rules: ReadonlyMap<number, Assigned>, signs: Signs): string[] {
  const rule = rules.get(node.id)?.rule;
  if (rule?.kind !== 'shares' || node.inputs.every((edge) => signs.get(edge) === 'nonnegative')) return [];
  const unsigned = rule.shares.some((share) =>
    share.terms.every(
      (term) =>
        term.input === 'all' && typeof term.kernel === 'object' && term.kernel.positive !== term.kernel.negative,
    ),
  );
  return unsigned ? [`${rule.name} parts weights by sign but its input may be negative: use gamma or alphaBeta`] : [];
}

function innerSigmoid({ node, repeated }: StepInfo): string[] {
  // Inside recurrent layers sigmoids are gates, which have rules of their own.
  if (repeated || node.step.kind !== 'elementwise' || !node.step.link) return [];
  return ['sigmoid inside the network: its output is never zero, so relevance passes through silent units too'];
}

function cancellingSum({ node, repeated }: StepInfo, signs: Signs): string[] {
  if (repeated || node.step.kind !== 'linear' || node.step.kernel !== null || node.inputs.length < 2) return [];
  const signed = node.inputs.filter((edge) => signs.get(edge) !== 'nonnegative');
  return signed.length > 0 ? ['branches may cancel: relevance can grow where their sum is near zero'] : [];
}
