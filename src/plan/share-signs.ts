import type { BiasPart, KernelPart, Signed } from '../rules/rule.js';
import type { LinearStep } from '../steps/step.js';
import type { DenominatorSign } from '../tensors/stabilize.js';
import type { ProgramTerm, StepFacts } from './program.js';

type PartSign = 1 | -1 | 0;

/** What the graph and the rule prove of the sum of a share's terms. */
export interface ShareSigns {
  readonly sign: DenominatorSign;
  /** False when no relevance ever arrives where the sum is zero, so that no group is empty. */
  readonly mayBeEmpty: boolean;
  /**
   * Set where the terms are both halves of the input with products of one sign alike, and the sum is at least as far from
   * zero as the pre-activation wherever relevance arrives: how often positive and how often negative products count.
   */
  readonly products: Signed | null;
}

/**
 * Proves what it can of the sum of a share's terms, bias included; `terms` are simplified.
 *
 * @param gate The sign of the pre-activations that the share is for; null where relevance arrives at others, too.
 */
export function shareSigns(
  terms: readonly ProgramTerm[],
  step: LinearStep,
  facts: StepFacts,
  gate: 'z>0' | 'z<0' | null,
): ShareSigns {
  const side = facts.silence.belowZero ? 'z>0' : gate;
  const reaches = side !== null && reachesPreActivation(terms, step, facts, side);
  const sign = commonSign(terms, step, facts);
  const isPreActivation = equalsPreActivation(terms, step);
  const proven = isPreActivation && facts.rectified ? 'nonnegative' : 'positive';
  return {
    sign: sign === 'any' && reaches && side === 'z>0' ? proven : sign,
    mayBeEmpty: !reaches && !(facts.silence.atZero && isPreActivation),
    products: reaches ? productsOf(terms) : null,
  };
}

/** `x⁺ (p w⁺ + n w⁻) + x⁻ (n w⁺ + p w⁻)`: positive products count `p` times, negative ones `n` times. */
function productsOf([first, second, ...others]: readonly ProgramTerm[]): Signed | null {
  if (!first || !second || others.length > 0) return null;
  if (first.input !== 'positive' || second.input !== 'negative') return null;
  const [up, down] = [first.kernel, second.kernel];
  if (typeof up === 'string' || typeof down === 'string') return null;
  return up.positive === down.negative && up.negative === down.positive ? up : null;
}

function commonSign(terms: readonly ProgramTerm[], step: LinearStep, facts: StepFacts): DenominatorSign {
  const signs = new Set(terms.map((term) => termSign(term, step, facts)));
  if (signs.size !== 1 || signs.has(0)) return 'any';
  return signs.has(1) ? 'nonnegative' : 'nonpositive';
}

/** The sign that all contributions of a term and its bias have; 0 when they may have either. */
function termSign(term: ProgramTerm, step: LinearStep, facts: StepFacts): PartSign {
  const products = inputSign(term, facts) * kernelSign(term.kernel, step);
  if (term.bias !== 'none' && partSign(term.bias) !== products) return 0;
  return (products * term.sign) as PartSign; // a product of such signs
}

function inputSign({ input }: ProgramTerm, facts: StepFacts): PartSign {
  if (typeof input === 'object') return 0;
  if (input === 'negative') return -1;
  return input === 'all' && facts.input === 'any' ? 0 : 1;
}

/** Coefficients without weights are never negative. */
function kernelSign(part: KernelPart, step: LinearStep): PartSign {
  if (step.kernel !== null || typeof part === 'string') return partSign(part);
  return part.positive >= 0 ? 1 : -1;
}

function partSign(part: KernelPart | Exclude<BiasPart, 'none'>): PartSign {
  if (typeof part === 'string') return 1;
  if (part.positive >= 0 && part.negative <= 0) return 1;
  return part.positive <= 0 && part.negative >= 0 ? -1 : 0;
}

/** True when the sum is the pre-activation itself. */
function equalsPreActivation([term, ...others]: readonly ProgramTerm[], step: LinearStep): boolean {
  if (!term || others.length > 0 || term.sign === -1 || term.input !== 'all') return false;
  return isWhole(term.kernel) && (step.bias === null || isWhole(term.bias));
}

/** True for the whole kernel, `w⁺ + w⁻`, or the whole bias. */
export function isWhole(part: KernelPart | BiasPart): boolean {
  return typeof part === 'object' && part.positive === 1 && part.negative === 1;
}

/**
 * True when the sum is never below the pre-activation: positive contributions count at least once and negative ones at
 * most once. The sum is then positive wherever the pre-activation is. Below zero (`z<0`) the same with signs swapped.
 */
function reachesPreActivation(
  terms: readonly ProgramTerm[],
  step: LinearStep,
  facts: StepFacts,
  side: 'z>0' | 'z<0',
): boolean {
  if (terms.some(({ sign, input }) => sign === -1 || (input !== 'all' && input !== 'positive' && input !== 'negative')))
    return false;
  const above = totalOf(terms.filter(({ input }) => input !== 'negative').map(({ kernel }) => kernel));
  const below = totalOf(terms.filter(({ input }) => input !== 'positive').map(({ kernel }) => kernel));
  const bias = totalOf(terms.map((term) => term.bias));
  if (!above || !below || !bias) return false;
  const seen = side === 'z>0' ? (part: Signed) => part : swapped;
  const weighted = step.kernel !== null;
  return (
    raises(seen(above), weighted) &&
    (facts.input === 'nonnegative' || raises(seen(swapped(below)), weighted)) &&
    (step.bias === null || raises(seen(bias), true))
  );
}

function swapped({ positive, negative }: Signed): Signed {
  return { positive: negative, negative: positive };
}

/** True when what is positive counts at least once and what is negative, if anything is, at most once. */
function raises({ positive, negative }: Signed, hasNegative: boolean): boolean {
  return positive >= 1 && (!hasNegative || negative <= 1);
}

/** The sum of parts by sign; null when one of them is not a part by sign. */
function totalOf(parts: readonly (KernelPart | BiasPart)[]): Signed | null {
  let [positive, negative] = [0, 0];
  for (const part of parts) {
    if (part === 'none') continue;
    if (typeof part === 'string') return null;
    positive += part.positive;
    negative += part.negative;
  }
  return { positive, negative };
}
