import * as ops from '../tensors/ops.js';
import type { Stabilizer } from '../tensors/stabilize.js';
import { quotient } from '../tensors/stabilize.js';
import { flowRule } from './flow-rule.js';
import { checkStabilizer } from './linear-rule.js';
import type { FlowRule } from './rule.js';

/**
 * Gradient × input, normalized as LRP-ε is: `R_i = x_i Σ_j ∂y_j/∂x_i R_j / (y_j + ε sign y_j)`. For layers nobody
 * described, run and differentiated as they are; on a linear map it is LRP-ε.
 *
 * Not conserving: what the layer's first-order expansion around its input leaves constant,
 * `Σ_j y_j s_j - Σ_i x_i Σ_j ∂y_j/∂x_i s_j` with `s = R / (y + ε sign y)`, is booked as bias.
 *
 * @param stabilizer ε ≥ 0, or a stabilizer of another mode. Default 1e-6.
 */
export function gradientTimesInput(stabilizer: number | Stabilizer = 1e-6): FlowRule {
  const checked = checkStabilizer('gradient', stabilizer);
  return flowRule('gradient', {
    on: ['opaque'],
    params: { stabilizer },
    needs: { inputs: true, output: true },
    silence: 'own',
    redistribute: ({ step, xs, y, rOut, account }) => {
      if (!y) return xs.map(() => null);
      const { s, denominator } = quotient(rOut, y, checked);
      account('stabilizer', () => ops.mul(ops.sub(denominator, y), s));
      const earned = step.gradients(s, xs).map((gradient, index) => ops.mul(gradient, xs[index] ?? 0));
      account('bias', () => ops.mul(y, s));
      for (const part of earned) account('bias', () => ops.neg(part));
      return earned;
    },
  });
}
