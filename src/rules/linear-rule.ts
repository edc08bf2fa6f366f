import { RuleError } from '../errors.js';
import { type Stabilizer, stabilizerOf } from '../tensors/stabilize.js';
import { BIAS_MODES, type BiasMode, type LinearRule, type RuleParams, type Share, type Signed } from './rule.js';

/** Options every linear rule takes. */
export interface LinearRuleOptions {
  /** What keeps denominators from zero: a number is added with the sign of the denominator. Default 1e-6. */
  readonly stabilizer?: number | Stabilizer;
  /** What biases earn; default: what the plan says (`absorb`). */
  readonly bias?: BiasMode;
}

/** All of the kernel, its positive part, its negative part. */
export const ALL: Signed = { positive: 1, negative: 1 };
export const POSITIVE: Signed = { positive: 1, negative: 0 };
export const NEGATIVE: Signed = { positive: 0, negative: 1 };

/** Default stabilizer of every rule that names none. */
export const DEFAULT_STABILIZER = 1e-6;

/**
 * A linear rule of one's own, from its shares.
 *
 * @throws RuleError when the rule has no share, a share no term, or the stabilizer is negative.
 */
export function linearRule(
  name: string,
  params: RuleParams,
  shares: readonly Share[],
  options: LinearRuleOptions = {},
): LinearRule {
  if (shares.length === 0 || shares.some((share) => share.terms.length === 0)) {
    throw new RuleError(`Rule "${name}" needs at least one share, and every share at least one term.`, name);
  }
  const stabilizer = checkStabilizer(name, options.stabilizer ?? DEFAULT_STABILIZER);
  const rule = { kind: 'shares', name, on: 'linear', params, shares, stabilizer } as const;
  return Object.freeze(options.bias ? { ...rule, bias: checkBias(name, options.bias) } : rule);
}

/** A share of weight 1 without a gate. */
export function share(terms: Share['terms'], weight = 1): Share {
  return { weight, terms };
}

/**
 * @throws RuleError when `value` is no finite number of at least `least`.
 */
export function checkNumber(rule: string, name: string, value: number, least = Number.NEGATIVE_INFINITY): number {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < least) {
    const range = least === Number.NEGATIVE_INFINITY ? 'a finite number' : `a finite number of at least ${least}`;
    throw new RuleError(`Rule "${rule}": ${name} must be ${range}, received ${String(value)}.`, rule);
  }
  return value;
}

/**
 * A stabilizer as rules take it.
 *
 * @throws RuleError when its mode is unknown, or its ε negative or not finite.
 */
export function checkStabilizer(rule: string, given: number | Stabilizer): Stabilizer {
  const stabilizer = stabilizerOf(given);
  const modes = ['add', 'relative', 'unsigned', 'clip', 'none'];
  if (!modes.includes(stabilizer.mode)) {
    throw new RuleError(
      `Rule "${rule}": stabilizer mode must be ${modes.join(', ')}; received ${String(stabilizer.mode)}.`,
      rule,
    );
  }
  checkNumber(rule, 'stabilizer', stabilizer.epsilon, 0);
  return stabilizer;
}

function checkBias(rule: string, bias: BiasMode): BiasMode {
  if (BIAS_MODES.includes(bias)) return bias;
  throw new RuleError(`Rule "${rule}": bias must be ${BIAS_MODES.join(', ')}; received ${String(bias)}.`, rule);
}
