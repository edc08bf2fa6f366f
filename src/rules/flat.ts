import { type LinearRuleOptions, linearRule, share } from './linear-rule.js';
import type { LinearRule } from './rule.js';

/**
 * Flat: every connected input earns the same: `R_i = Σ_j R_j / n_j`, `n_j` being the number of connections of output
 * `j`; padding is no input, biases never count. For first layers, where only the place matters.
 *
 * @see Lapuschkin et al. 2019, "Unmasking Clever Hans predictors and assessing what machines really learn".
 */
export function flat(options: Pick<LinearRuleOptions, 'stabilizer'> = {}): LinearRule {
  return linearRule('flat', { ...options }, [share([{ input: 'one', kernel: 'ones', bias: 'none' }])], options);
}
