import * as tf from '@tensorflow/tfjs-core';
import { asFloat } from '../tensors/as-float.js';
import { elementwise } from './elementwise.js';
import type { ElementwiseStep, SelectStep } from './step.js';

/** 1 where a token is not 0: the mask of an embedding with `maskZero`. `[batch, time]`. */
export function nonzeroMaskStep(): ElementwiseStep {
  return elementwise('mask', (x) => tf.step(tf.abs(asFloat(x))), { sign: () => 'nonnegative' });
}

/** 1 where any feature of a time step differs from `value`: the mask of Masking. `[batch, time, ...] -> [batch, time]`. */
export function differsMaskStep(value: number): ElementwiseStep {
  return elementwise(
    'mask',
    (x) => {
      const [batch = 1, times = 1] = x.shape;
      const differs = tf.step(tf.abs(tf.sub(x, value)));
      return tf.max(tf.reshape(differs, [batch, times, -1]), 2);
    },
    { sign: () => 'nonnegative' },
  );
}

/** Both of two masks. */
export function bothMasksStep(): SelectStep {
  return {
    kind: 'select',
    name: 'both masks',
    apply: ([a, b]) => (a && b ? tf.mul(a, b) : tf.zeros([0])),
    route: (_rOut, xs) => xs.map(() => null),
    sign: () => 'nonnegative',
  };
}

/**
 * Where the mask is 1 the new value, elsewhere the old one: what masking does to a state. Relevance follows the value that
 * was taken, so a masked time step earns exactly nothing.
 *
 * Inputs: new and old value `[batch, ...]`, mask `[batch]`.
 */
export function maskedUpdateStep(): SelectStep {
  return {
    kind: 'select',
    name: 'masked update',
    apply: ([fresh, old, mask]) =>
      tf.tidy(() => {
        if (!fresh || !old || !mask) return tf.zeros([0]);
        const m = alongBatch(mask, fresh.rank);
        return tf.add(tf.mul(fresh, m), tf.mul(old, tf.sub(1, m)));
      }),
    route: (rOut, [, , mask]) => {
      if (!mask) return [null, null, null];
      const m = alongBatch(mask, rOut.rank);
      return [tf.mul(rOut, m), tf.mul(rOut, tf.sub(1, m)), null];
    },
  };
}

function alongBatch(mask: tf.Tensor, rank: number): tf.Tensor {
  return tf.reshape(mask, [mask.size, ...new Array<number>(rank - 1).fill(1)]);
}
