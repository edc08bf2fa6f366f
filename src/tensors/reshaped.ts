import type * as tf from '@tensorflow/tfjs-core';
import * as ops from './ops.js';

/**
 * The same numbers in another shape: the tensor itself where it has that shape already, since even a view takes a kernel.
 * For steps on the way to a result. Whoever may end the result by itself, or hands it to somebody who may, needs `tf.reshape`.
 */
export function reshaped<R extends tf.Rank = tf.Rank>(x: tf.Tensor, shape: tf.ShapeMap[R]): tf.Tensor<R> {
  const sizes: readonly number[] = shape;
  const same = x.rank === sizes.length && sizes.every((size, axis) => size === x.shape[axis]);
  return same ? (x as tf.Tensor<R>) : ops.reshape(x, shape); // of that rank, since it has that shape
}
