import type { Stabilizer } from '../tensors/stabilize.js';
import { ALL, checkNumber, type LinearRuleOptions, linearRule, share } from './linear-rule.js';
import type { LinearRule } from './rule.js';

/** Options of {@link epsilon}. */
export interface EpsilonOptions extends Pick<LinearRuleOptions, 'bias'> {
  /** How ε keeps the denominator from zero; `relative` multiplies it by the root mean square of `z`. Default `add`. */
  readonly mode?: Stabilizer['mode'];
}

/**
 * LRP-ε: every input earns in proportion to its contribution, and ε absorbs weak or contradictory ones.
 *
 * `R_i = Σ_j z_ij / (z_j + ε sign z_j) R_j`, `z_ij = x_i w_ij`, `z_j = Σ_i z_ij + b_j`.
 *
 * Conserves relevance but for the shares of bias and ε. On a network of ReLUs, without bias and for ε → 0, it equals
 * gradient × input.
 *
 * @param value ε ≥ 0, absolute unless the mode is `relative`. Default 1e-6.
 * @throws RuleError when ε is negative or not finite.
 * @see Bach et al. 2015, "On pixel-wise explanations for non-linear classifier decisions", eq. 58.
 */
export function epsilon(value = 1e-6, options: EpsilonOptions = {}): LinearRule {
  const mode = options.mode ?? 'add';
  checkNumber('epsilon', 'epsilon', value, 0);
  return linearRule(
    'epsilon',
    { epsilon: value, mode: options.mode, bias: options.bias },
    [share([{ input: 'all', kernel: ALL, bias: ALL }])],
    { ...options, stabilizer: { mode, epsilon: value } },
  );
}

/**
 * LRP-0: LRP-ε without ε. `R_i = Σ_j z_ij / z_j R_j`; where `z_j = 0` nothing is passed on. Noisy on deep networks.
 *
 * @see Bach et al. 2015, eq. 56.
 */
export function zero(options: Pick<LinearRuleOptions, 'bias'> = {}): LinearRule {
  return linearRule('zero', { bias: options.bias }, [share([{ input: 'all', kernel: ALL, bias: ALL }])], {
    ...options,
    stabilizer: { mode: 'none', epsilon: 0 },
  });
}
