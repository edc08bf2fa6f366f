import { RuleError } from '../errors.js';
import { checkNumber, type LinearRuleOptions, linearRule, NEGATIVE, POSITIVE } from './linear-rule.js';
import type { LinearRule, Share } from './rule.js';

/**
 * LRP-αβ: positive and negative contributions are shared separately, weighted α and -β.
 *
 * `R_i = Σ_j (α z_ij⁺ / (z_j⁺ + b_j⁺) - β z_ij⁻ / (z_j⁻ + b_j⁻)) R_j`, where `z_ij⁺ = max(x_i w_ij, 0)` is taken of the
 * product, so inputs of either sign are right.
 *
 * Conserves where both groups exist; an output without negative (or positive) contributions loses that group's share,
 * which the ledger books as an empty group.
 *
 * @param alpha ≥ 0, and `alpha - beta = 1`.
 * @throws RuleError when `alpha - beta` is not 1 or either is negative.
 * @see Bach et al. 2015, eq. 60.
 */
export function alphaBeta(alpha = 2, beta = 1, options: LinearRuleOptions = {}): LinearRule {
  checkNumber('alpha-beta', 'alpha', alpha, 0);
  checkNumber('alpha-beta', 'beta', beta, 0);
  if (Math.abs(alpha - beta - 1) > 1e-9) {
    throw new RuleError(
      `Rule "alpha-beta": alpha - beta must be 1, received ${alpha} - ${beta} = ${alpha - beta}. Try alphaBeta(2, 1).`,
      'alpha-beta',
    );
  }
  const shares = beta === 0 ? [positiveShare(alpha)] : [positiveShare(alpha), negativeShare(-beta)];
  return linearRule('alpha-beta', { alpha, beta, ...options }, shares, options);
}

/**
 * z⁺: {@link alphaBeta} with α = 1, β = 0. Only what speaks for an output is passed on. On its own over a deep network
 * it hardly depends on the explained class.
 *
 * @see Montavon et al. 2017, "Explaining nonlinear classification decisions with deep Taylor decomposition", eq. 17.
 */
export function zPlus(options: LinearRuleOptions = {}): LinearRule {
  return linearRule('z-plus', { ...options }, [positiveShare(1)], options);
}

function positiveShare(weight: number): Share {
  return {
    weight,
    terms: [
      { input: 'positive', kernel: POSITIVE, bias: POSITIVE },
      { input: 'negative', kernel: NEGATIVE, bias: 'none' },
    ],
  };
}

function negativeShare(weight: number): Share {
  return {
    weight,
    terms: [
      { input: 'positive', kernel: NEGATIVE, bias: NEGATIVE },
      { input: 'negative', kernel: POSITIVE, bias: 'none' },
    ],
  };
}
