import * as tf from '@tensorflow/tfjs-core';
import { at } from '../kernels/conv-geometry.js';
import { asFloat } from '../tensors/as-float.js';
import * as ops from '../tensors/ops.js';
import type { SelectStep } from './step.js';

/**
 * Tokens as a vector over the vocabulary: how often each occurs (`counts`), or 1 where it occurs. `[batch, tokens]` or,
 * for one token per sample, `[batch]`; result `[batch, size]`. The relevance of an entry goes to the tokens it stands for, in
 * equal parts; an entry no token stands for loses it.
 */
export function categoryStep(size: number, counts: boolean): SelectStep {
  const occurrences = (tokens: tf.Tensor) => {
    const [batch = 1] = tokens.shape;
    const rows = ops.reshape(tf.cast(tokens, 'int32'), [batch, tokens.size / batch]);
    return asFloat(tf.oneHot(rows, size));
  };
  return {
    kind: 'select',
    name: counts ? 'counts' : 'categories',
    apply: (xs) =>
      tf.tidy(() => {
        const total = tf.sum(occurrences(at(xs, 0)), 1);
        return counts ? total : ops.step(total);
      }),
    route: (rOut, xs) =>
      tf.tidy(() => {
        const own = occurrences(at(xs, 0));
        const each = ops.div(rOut, tf.maximum(tf.sum(own, 1), 1));
        return [ops.reshape(tf.sum(ops.mul(own, tf.expandDims(each, 1)), 2), at(xs, 0).shape)];
      }),
    lost: (rOut, xs) => tf.tidy(() => ops.mul(rOut, ops.sub(1, ops.step(tf.sum(occurrences(at(xs, 0)), 1))))),
    sign: () => 'nonnegative',
  };
}
