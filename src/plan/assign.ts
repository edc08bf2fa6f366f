import { formatAddress } from '../address.js';
import type { Composite, CompositeEntry } from '../composites/composite.js';
import type { PlanProblem } from '../errors.js';
import { formatRule, type Rule } from '../rules/rule.js';
import type { Step } from '../steps/step.js';
import { defaultRule } from './defaults.js';
import { type Matcher, matcherOf } from './match-steps.js';
import type { StepInfo } from './steps-of-model.js';

/** A step's rule and which entry gave it. */
export interface Assigned {
  readonly rule: Rule;
  readonly because: string;
}

/** The rules of all steps, by node, and what is wrong with the entries. */
export interface Assignment {
  readonly rules: ReadonlyMap<number, Assigned>;
  readonly problems: readonly PlanProblem[];
}

interface Candidate extends Matcher {
  readonly entry: CompositeEntry;
}

/**
 * Gives every step the rule of the first entry that matches it and serves its kind; then the defaults. An entry that
 * matches nothing, or only steps its rule cannot serve, is a problem, not a skip.
 */
export function assign(composite: Composite, steps: readonly StepInfo[], gone: readonly string[] = []): Assignment {
  const candidates = composite.entries.map((entry): Candidate => ({ entry, ...matcherOf(entry.match, steps, gone) }));
  const rules = new Map<number, Assigned>();
  for (const step of steps) rules.set(step.node.id, choose(step, composite, candidates));
  const problems = [
    ...candidates.flatMap((candidate) => entryProblem(candidate, steps)),
    ...(composite.ruleOf ? functionProblems(composite.ruleOf, steps) : []),
  ];
  return { rules, problems };
}

function choose(step: StepInfo, composite: Composite, candidates: readonly Candidate[]): Assigned {
  const answered = composite.ruleOf?.(step.call);
  if (answered && serves(answered, step.node.step)) return { rule: answered, because: 'function of the layer' };
  const found = candidates.find(({ entry, test }) => serves(entry.rule, step.node.step) && test(step));
  return found ? { rule: found.entry.rule, because: found.because } : defaultRule(step.node.step);
}

/** True when the rule is for this kind of step and does not refuse it. */
export function serves(rule: Rule, step: Step): boolean {
  return fits(rule, step) && refusal(rule, step) === null;
}

function fits(rule: Rule, step: Step): boolean {
  return rule.on === 'any' || rule.on === step.kind || (Array.isArray(rule.on) && rule.on.includes(step.kind));
}

/** Why a rule whose kind fits cannot serve the step; null when it can. */
function refusal(rule: Rule, step: Step): string | null {
  if (rule.kind === 'flow') return rule.refuses(step);
  const squares = rule.shares.some((share) => share.terms.some((term) => term.kernel === 'squared'));
  return squares && step.kind === 'linear' && step.kernel === null ? `"${step.name}" has no weights to square` : null;
}

function entryProblem({ entry, test, problem, gone }: Candidate, steps: readonly StepInfo[]): PlanProblem[] {
  const rule = formatRule(entry.rule);
  if (problem) return [{ rule, message: `Rule ${rule}: ${problem}` }];
  if (entry.optional || gone) return [];
  const matched = steps.filter(test);
  if (matched.length === 0) {
    return [{ rule, message: `Rule ${rule}: its match (${describeMatch(entry)}) fits no step of this model.` }];
  }
  if (matched.some((step) => serves(entry.rule, step.node.step))) return [];
  return [unserved(entry.rule, matched)];
}

function functionProblems(ruleOf: NonNullable<Composite['ruleOf']>, steps: readonly StepInfo[]): PlanProblem[] {
  const byCall = new Map<StepInfo['call'], StepInfo[]>();
  for (const step of steps) byCall.set(step.call, [...(byCall.get(step.call) ?? []), step]);
  return [...byCall].flatMap(([call, own]) => {
    const rule = ruleOf(call);
    return rule && !own.some((step) => serves(rule, step.node.step)) ? [unserved(rule, own)] : [];
  });
}

function unserved(rule: Rule, matched: readonly StepInfo[]): PlanProblem {
  const name = formatRule(rule);
  const [first] = matched;
  const why = matched
    .map(({ node }) =>
      fits(rule, node.step)
        ? refusal(rule, node.step)
        : `"${node.step.name}" is ${article(node.step.kind)} ${node.step.kind} step`,
    )
    .join('; ');
  const kinds = typeof rule.on === 'string' ? rule.on : rule.on.join(', ');
  return {
    ...(first ? { address: formatAddress(first.node.address), layerType: first.call.className } : {}),
    rule: name,
    message:
      `Rule ${name} serves ${kinds} steps and cannot serve ${matched.map(({ node }) => formatAddress(node.address)).join(', ')}: ${why}. ` +
      'Choose a rule for these steps, or match other layers.',
  };
}

function describeMatch({ match }: CompositeEntry): string {
  if (typeof match === 'string') return `"${match}"`;
  if (match instanceof RegExp) return String(match);
  if (typeof match === 'function') return match.name || 'predicate';
  return 'getClassName' in match ? `layer ${match.name}` : JSON.stringify(match);
}

function article(word: string): string {
  return /^[aeiou]/.test(word) ? 'an' : 'a';
}
