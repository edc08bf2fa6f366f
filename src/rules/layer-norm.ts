import { detachedAdjoint, normalizeBias } from '../steps/normalize.js';
import * as ops from '../tensors/ops.js';
import { quotient, type Stabilizer } from '../tensors/stabilize.js';
import { flowRule } from './flow-rule.js';
import { checkStabilizer } from './linear-rule.js';
import type { FlowRule } from './rule.js';

/**
 * Layer normalization with the deviation held constant: what remains is affine, and shares its relevance as LRP-ε does:
 * `R = x ⊙ J^T (R / (y + ε sign y))`, `J` the map `x -> (x - mean x) / sd · gamma`. The share of `beta` is absorbed.
 *
 * @param stabilizer ε ≥ 0 added with the sign of `y`, or a stabilizer of another mode. Default 1e-6.
 * @see Ali et al. 2022, "XAI for transformers: better explanations through conservative propagation", sec. 3.
 */
export function layerNorm(stabilizer: number | Stabilizer = 1e-6): FlowRule {
  const checked = checkStabilizer('layer-norm', stabilizer);
  return flowRule('layer-norm', {
    on: ['normalize'],
    params: { stabilizer },
    needs: { inputs: true, output: true },
    silence: 'own',
    redistribute: ({ step, xs: [x], y, rOut, read, account }) => {
      if (!x || !y) return [null];
      const { s, denominator } = quotient(rOut, y, checked);
      account('stabilizer', () => ops.mul(ops.sub(denominator, y), s));
      const beta = normalizeBias(step, x.rank, read);
      if (beta) account('bias', () => ops.mul(beta, s));
      return [ops.mul(x, detachedAdjoint(step, x, s, read))];
    },
  });
}
