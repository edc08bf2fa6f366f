import { ALL, checkNumber, type LinearRuleOptions, linearRule, share } from './linear-rule.js';
import type { LinearRule, Signed } from './rule.js';

/**
 * Generalized LRP-γ: contributions that agree with the sign of the output weigh `1 + γ`.
 *
 * For `z_j > 0`: `n_ij = z_ij + γ z_ij⁺`, denominator `Σ_i n_ij + b_j + γ b_j⁺`; for `z_j < 0` the same with the negative
 * parts; for `z_j = 0` nothing is passed down. Right for inputs and outputs of either sign. γ → ∞ tends to z⁺ above a
 * positive output, γ = 0 is LRP-ε.
 *
 * @param value γ ≥ 0. Default 0.25.
 * @throws RuleError when γ is negative or not finite.
 * @see Andéol et al. 2021, "Learning domain invariant representations by joint Wasserstein distance minimization",
 *   supplement; Montavon et al. 2019 for the classic form.
 */
export function gamma(value = 0.25, options: LinearRuleOptions = {}): LinearRule {
  checkNumber('gamma', 'gamma', value, 0);
  const up: Signed = { positive: 1 + value, negative: 1 };
  const down: Signed = { positive: 1, negative: 1 + value };
  return linearRule(
    'gamma',
    { gamma: value, ...options },
    [
      {
        weight: 1,
        gate: 'z>0',
        terms: [
          { input: 'positive', kernel: up, bias: up },
          { input: 'negative', kernel: down, bias: 'none' },
        ],
      },
      {
        weight: 1,
        gate: 'z<0',
        terms: [
          { input: 'positive', kernel: down, bias: down },
          { input: 'negative', kernel: up, bias: 'none' },
        ],
      },
    ],
    options,
  );
}

/** Options of {@link gammaClassic}. */
export interface GammaClassicOptions extends LinearRuleOptions {
  /** Whether the bias is modified like a weight (`b + γ b⁺`, the paper) or left as it is (Captum). Default true. */
  readonly biasScaled?: boolean;
}

/**
 * LRP-γ as first published: `n_ij = x_i (w_ij + γ w_ij⁺)`, denominator `Σ_i n_ij + b_j + γ b_j⁺`. Meant for inputs that
 * are not negative; use {@link gamma} otherwise.
 *
 * @throws RuleError when γ is negative or not finite.
 * @see Montavon et al. 2019, "Layer-wise relevance propagation: an overview", sec. 10.2.1.
 */
export function gammaClassic(value = 0.25, options: GammaClassicOptions = {}): LinearRule {
  checkNumber('gamma-classic', 'gamma', value, 0);
  const kernel: Signed = { positive: 1 + value, negative: 1 };
  const bias = options.biasScaled === false ? ALL : kernel;
  return linearRule('gamma-classic', { gamma: value, ...options }, [share([{ input: 'all', kernel, bias }])], options);
}
