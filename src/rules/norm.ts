import { ALL, type LinearRuleOptions, linearRule, share } from './linear-rule.js';
import type { LinearRule } from './rule.js';

/**
 * Norm: inputs earn in proportion to what they add, `R_i = x_i w_ij / stab(Σ_i x_i w_ij) R_j`, the bias left out: the rule
 * of sums and averages (Add, Average, average pooling, bilinear upsampling).
 */
export function norm(options: Pick<LinearRuleOptions, 'stabilizer'> = {}): LinearRule {
  return linearRule('norm', { ...options }, [share([{ input: 'all', kernel: ALL, bias: 'none' }])], {
    ...options,
    bias: 'ignore',
  });
}
