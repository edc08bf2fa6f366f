import * as tf from '@tensorflow/tfjs-core';
import { asFloat } from '../tensors/as-float.js';
import * as ops from '../tensors/ops.js';
import { elementwise } from './elementwise.js';
import type { ElementwiseStep, SelectStep } from './step.js';

/** 1 where a token is not 0: the mask of an embedding with `maskZero`. `[batch, time]`. */
export function nonzeroMaskStep(): ElementwiseStep {
  return elementwise('mask', (x) => ops.step(ops.abs(asFloat(x))), { sign: () => 'nonnegative' });
}

/** 1 where any feature of a position differs from `value`: the mask of Masking. `[..., features] -> [...]`. */
export function differsMaskStep(value: number): ElementwiseStep {
  return elementwise('mask', (x) => asFloat(tf.any(tf.notEqual(x, value), -1)), { sign: () => 'nonnegative' });
}

/** Both of two masks. */
export function bothMasksStep(): SelectStep {
  return {
    kind: 'select',
    name: 'both masks',
    apply: ([a, b]) => (a && b ? ops.mul(a, b) : tf.zeros([0])),
    route: (_rOut, xs) => xs.map(() => null),
    sign: () => 'nonnegative',
  };
}

/**
 * The masks of tensors that are put one behind the other along `axis`, `[batch, time_i] -> [batch, Σ time_i]`. Where the
 * masks do not run along that axis, what counts in all of them counts.
 *
 * Inputs: for each tensor its mask or, where `has` says that there is none, the tensor, all of which counts.
 */
export function concatMasksStep(has: readonly boolean[], axis: number): SelectStep {
  return {
    kind: 'select',
    name: 'masks in a row',
    apply: (xs) =>
      tf.tidy(() => {
        const masks = xs.map((x, index) => (has[index] ? x : tf.ones(x.shape.slice(0, -1))));
        if (axis < (masks[0]?.rank ?? 0)) return tf.concat(masks, axis);
        return masks.reduce((all, mask) => ops.mul(all, mask));
      }),
    route: (_rOut, xs) => xs.map(() => null),
    sign: () => 'nonnegative',
  };
}

/** A mask, whole, for every time step of a sequence: `[batch, ...], [batch, time, ...] -> [batch, time, ...]`. */
export function maskEachTimeStep(): SelectStep {
  return {
    kind: 'select',
    name: 'mask for each time step',
    apply: ([mask, sequence]) => {
      if (!mask || !sequence) return tf.zeros([0]);
      const [, ...rest] = mask.shape;
      return tf.tidy(() => tf.tile(tf.expandDims(mask, 1), [1, sequence.shape[1] ?? 1, ...rest.map(() => 1)]));
    },
    route: (_rOut, xs) => xs.map(() => null),
    sign: () => 'nonnegative',
  };
}

/**
 * Where the mask is 1 the new value, elsewhere the old one: what masking does to a state. Relevance follows the value that
 * was taken, so a masked time step earns exactly nothing.
 *
 * Inputs: new and old value `[batch, ...]`, mask `[batch]`, or with as many axes as they have but the last ones.
 */
export function maskedUpdateStep(): SelectStep {
  return {
    kind: 'select',
    name: 'masked update',
    apply: ([fresh, old, mask]) =>
      tf.tidy(() => {
        if (!fresh || !old || !mask) return tf.zeros([0]);
        const m = onFirstAxes(mask, fresh.rank);
        return ops.add(ops.mul(fresh, m), ops.mul(old, ops.sub(1, m)));
      }),
    route: (rOut, [, , mask]) => {
      if (!mask) return [null, null, null];
      const m = onFirstAxes(mask, rOut.rank);
      return [ops.mul(rOut, m), ops.mul(rOut, ops.sub(1, m)), null];
    },
  };
}

function onFirstAxes(mask: tf.Tensor, rank: number): tf.Tensor {
  return ops.reshape(mask, [...mask.shape, ...new Array<number>(rank - mask.rank).fill(1)]);
}
