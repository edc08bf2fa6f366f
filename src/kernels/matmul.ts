import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { kernelChoices } from './choices.js';

/**
 * `tf.matMul` for two matrices of which neither is a model's weights. webgl packs 2 × 2 elements into one texel and lets
 * operations leave anything in the places of the last texel that lie outside of the tensor (a dense layer of one unit its
 * bias, a sigmoid 0.5). Its product sums over them, too: wrong where the summed axis is odd and both operands were worked
 * out. There both get a column or row of zeros.
 */
export function matMul(a: tf.Tensor, b: tf.Tensor, transposeA = false, transposeB = false): tf.Tensor {
  const axis = a.rank - (transposeA ? 2 : 1);
  const odd = (a.shape[axis] ?? 0) % 2 === 1;
  if (!odd || kernelChoices().oddProduct === 'native') return ops.matMul(a, b, transposeA, transposeB);
  return tf.tidy(() => ops.matMul(padded(a, axis), padded(b, b.rank - (transposeB ? 1 : 2)), transposeA, transposeB));
}

/** One zero more along one of the last two axes. The others become one for it: webgl pads no tensor of rank 5 or more. */
function padded(x: tf.Tensor, axis: number): tf.Tensor {
  const [rows = 1, columns = 1] = x.shape.slice(-2);
  const [more, wider] = axis === x.rank - 1 ? [0, 1] : [1, 0];
  const matrices = ops.reshape<tf.Rank.R3>(x, [-1, rows, columns]);
  const grown = tf.pad3d(matrices, [
    [0, 0],
    [0, more],
    [0, wider],
  ]);
  return ops.reshape(grown, [...x.shape.slice(0, -2), rows + more, columns + wider]);
}
