import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { flowRule } from './flow-rule.js';
import type { FlowRule } from './rule.js';

/**
 * Pass: relevance goes through unchanged, `R_in = R_out`. For activations, batch normalization left unmerged, and any
 * step with as many outputs as inputs. Conserves exactly.
 */
export function pass(): FlowRule {
  return flowRule('pass', {
    on: ['elementwise', 'linear', 'softmax', 'normalize'],
    silence: 'handed',
    refuses: (step) =>
      step.kind === 'linear' && !step.diagonal
        ? 'its outputs are not its inputs one by one, so relevance cannot pass unchanged'
        : null,
    redistribute: ({ rOut }) => [rOut],
  });
}

/**
 * Move: relevance follows the elements of a step that only moves them. Relevance on padding is dropped and booked;
 * elements that were cropped away get 0; copies of one element add up.
 */
export function move(): FlowRule {
  return flowRule('move', {
    on: ['relabel'],
    silence: 'handed',
    redistribute: ({ step, rOut, shapes, account }) => {
      if (step.lost) account('padding', () => step.lost?.(rOut) ?? tf.zerosLike(rOut));
      return step.back(rOut, shapes);
    },
  });
}

/** Stop: nothing is passed on; what arrives is booked as stopped. Serves any step. */
export function stop(): FlowRule {
  return flowRule('stop', {
    on: 'any',
    silence: 'all',
    redistribute: ({ rOut, shapes, account }) => {
      account('stopped', () => rOut);
      return shapes.map(() => null);
    },
  });
}

/**
 * Derivative: relevance is multiplied by the derivative of the activation, `R_in = f'(x) R_out`, as excitation backprop
 * asks. With a ReLU it equals {@link pass} for all rules that give silent units nothing.
 *
 * @see Zhang et al. 2016, "Top-down neural attention by excitation backprop".
 */
export function derivative(): FlowRule {
  return flowRule('derivative', {
    on: ['elementwise'],
    needs: { inputs: true, output: true },
    silence: 'handed',
    refuses: (step) => (step.derivative ? null : `the derivative of "${step.name}" is not known`),
    redistribute: ({ step, xs: [x], y, rOut, read, account }) => {
      if (!x || !y || !step.derivative) return [null];
      const slope = step.derivative(x, y, read);
      account('stopped', () => ops.mul(rOut, ops.sub(1, slope)));
      return [ops.mul(rOut, slope)];
    },
  });
}
