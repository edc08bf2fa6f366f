import * as tf from '@tensorflow/tfjs-core';
import * as ops from './ops.js';

/**
 * Whole numbers or truth values as floats; floats come back as they are. On webgpu a cast leaves the numbers as they lie in
 * memory and only says that they are floats now, which transposing and what is built on it take at its word; a product
 * makes true floats of them. (Also, the cast of a float would copy on wasm.)
 */
export function asFloat(x: tf.Tensor): tf.Tensor {
  return x.dtype === 'float32' ? x : tf.tidy(() => ops.mul(tf.cast(x, 'float32'), 1));
}
