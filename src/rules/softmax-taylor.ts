import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { flowRule } from './flow-rule.js';
import type { FlowRule } from './rule.js';

/**
 * Softmax by Taylor step: `R_i = x_i (R_i - s_i Σ_k R_k)`, `x` the scores, `s` their softmax, `R` what arrives.
 *
 * Not conserving: the part of the softmax that its first-order expansion around `x` leaves constant is booked as bias,
 * `Σ_j R_j (1 - x_j + Σ_i s_i x_i)`. Scores that a mask hides count as 0, and so earn exactly nothing.
 *
 * @see Achtibat et al. 2024, "AttnLRP", prop. 3.1.
 */
export function softmaxTaylor(): FlowRule {
  return flowRule('softmax-taylor', {
    on: ['softmax'],
    needs: { inputs: true, output: true },
    silence: 'own',
    refuses: (step) => (step.logarithm ? 'it is a log-softmax; use pass' : null),
    redistribute: ({ step, xs: [scores, mask], y, rOut, account }) => {
      if (!scores || !y) return [null];
      const x = mask ? ops.mul(scores, mask) : scores;
      const total = tf.sum(rOut, step.axis, true);
      account('bias', () => {
        const expected = tf.sum(ops.mul(y, x), step.axis, true);
        return ops.mul(rOut, ops.add(ops.sub(1, x), expected));
      });
      return [ops.mul(x, ops.sub(rOut, ops.mul(y, total)))];
    },
  });
}
