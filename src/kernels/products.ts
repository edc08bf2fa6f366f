import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { sumAxis } from './sums.js';

/**
 * Undoes broadcasting: sums `x` over the axes along which a tensor of `shape` was repeated to get the shape of `x`.
 * Adjoint of broadcasting: a product `a b` hands `sumToShape(r, a.shape)` to `a`. Where nothing was repeated, `x` itself
 * comes back.
 */
export function sumToShape(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  const lead = x.rank - shape.length;
  if (lead === 0 && shape.every((size, axis) => size === x.shape[axis])) return x;
  return tf.tidy(() => {
    const target = [...new Array<number>(lead).fill(1), ...shape];
    return ops.reshape(sumRuns(x, target), [...shape]);
  });
}

/** Sums runs of neighbouring broadcast axes at once, last run first: then each run is one axis of a reshaped tensor. */
function sumRuns(x: tf.Tensor, target: readonly number[]): tf.Tensor {
  const repeated = x.shape.map((size, axis) => size !== 1 && target[axis] === 1);
  const last = repeated.lastIndexOf(true);
  if (last < 0) return x;
  let first = last;
  while (first > 0 && (repeated[first - 1] || x.shape[first - 1] === 1)) first--;
  const before = x.shape.slice(0, first);
  const behind = x.shape.slice(last + 1);
  const run = x.shape.slice(first, last + 1);
  const merged = ops.reshape(x, [...before, run.reduce((product, size) => product * size, 1), ...behind]);
  const summed = ops.reshape(sumAxis(merged, first), [...before, ...run.map(() => 1), ...behind]);
  return sumRuns(summed, target);
}
