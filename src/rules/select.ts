import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { quotient, stabilizerOf } from '../tensors/stabilize.js';
import { flowRule } from './flow-rule.js';
import { checkNumber } from './linear-rule.js';
import type { FlowRule } from './rule.js';

/**
 * Winner take all: the source that was selected earns everything; the first one where several tie. For max pooling,
 * Maximum, Minimum, embedding lookups. Conserves exactly (masked positions drop what they get, which is booked).
 */
export function winnerTakeAll(): FlowRule {
  return flowRule('winner-take-all', {
    on: ['select'],
    needs: { inputs: true, output: true },
    silence: 'handed',
    redistribute: ({ step, xs, y, rOut, account }) => {
      if (!y) return [null];
      if (step.lost) account(step.lostTo ?? 'padding', () => step.lost?.(rOut, xs) ?? tf.zerosLike(rOut));
      return step.route(rOut, xs, y);
    },
  });
}

/**
 * Proportional: all candidates of a selection earn in proportion to their value, `R_i = Σ_j x_i / stab(Σ_k x_k) R_j`,
 * the sum running over the window (or operands) of output `j`.
 *
 * @param stabilizer ε ≥ 0 added to the sum with its sign. Default 1e-6.
 */
export function proportional(stabilizer = 1e-6): FlowRule {
  checkNumber('proportional', 'stabilizer', stabilizer, 0);
  return flowRule('proportional', {
    on: ['select'],
    params: { stabilizer },
    needs: { inputs: true, output: false },
    silence: 'own',
    refuses: (step) => (step.candidates ? null : `"${step.name}" has no candidates to share among`),
    redistribute: ({ step, xs, rOut, shapes, account }) => {
      const { candidates } = step;
      if (!candidates) return xs.map(() => null);
      const sum = candidates.forward(xs, [], null);
      const { s, denominator } = quotient(rOut, sum, stabilizerOf(stabilizer));
      account('stabilizer', () => ops.mul(ops.sub(denominator, sum), s));
      return candidates.adjoint(s, [], shapes).map((c, index) => ops.mul(xs[index] ?? 0, c));
    },
  });
}
