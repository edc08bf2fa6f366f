import { type LinearRuleOptions, linearRule, share } from './linear-rule.js';
import type { LinearRule } from './rule.js';

/**
 * w²: relevance by squared weights, whatever the input: `R_i = Σ_j w_ij² / (Σ_i w_ij² + b_j²) R_j`. For a first layer
 * whose input has no bounds.
 *
 * @see Montavon et al. 2017, eq. 13.
 */
export function wSquare(options: LinearRuleOptions = {}): LinearRule {
  return linearRule(
    'w-square',
    { ...options },
    [share([{ input: 'one', kernel: 'squared', bias: 'squared' }])],
    options,
  );
}
