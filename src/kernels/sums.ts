import * as tf from '@tensorflow/tfjs-core';
import { around, withAxis } from './stride.js';

// wasm adds up in order, in one float32: over millions of elements the sum drifts, by 1e-5 of it and more. Many columns
// side by side, summed in blocks, and blocks of blocks, keep every chain of additions short. The blocks are summed by
// average pooling, which wasm vectorises over what it takes for channels: eight times as fast as its Sum, and four
// times as fast as a product with ones. Every kernel called costs some 10 µs, which counts where tensors are small, so
// there are as few of them as accuracy allows.

/** Most elements of a column that are summed at once. */
const BLOCK = 4096;

/** Fewest elements of a block worth a pooling: columns whose length has no such divisor are padded instead. */
const LEAST_BLOCK = 64;

/** Most channels of a pooling: from 16384 on, wasm's average pooling overruns its stack and corrupts the heap. */
const CHANNELS = 1024;

/** Columns that a row is cut into, at most and at least. */
const COLUMNS = 256;
const LEAST_COLUMNS = 32;

/** Rows up to this length are summed by one product with ones: the chain is short enough. */
const SHORT_ROW = 1024;

/** Sum over all but the batch axis, `[batch]`, accurate to a few units in the last place of `Σ|x|`. */
export function sumPerSample(x: tf.Tensor): tf.Tensor1D {
  return tf.tidy(() => {
    const batch = x.shape[0] ?? 1;
    return tf.reshape(sumLongRows(tf.reshape(toFloat(x), [batch, x.size / Math.max(batch, 1)])), [batch]);
  });
}

/** Inner product per sample, `Σ a b` over all but the batch axis: `[batch]`. Shapes are equal. */
export function dotPerSample(a: tf.Tensor, b: tf.Tensor): tf.Tensor1D {
  return tf.tidy(() => sumPerSample(tf.mul(a, b)));
}

/** Sum over the last axis, which stays with size 1: `[..., n] -> [..., 1]`. */
export function sumLastAxis(x: tf.Tensor): tf.Tensor {
  return sumAxis(x, x.rank - 1);
}

/** Sum over one axis, which stays with size 1. */
export function sumAxis(x: tf.Tensor, axis: number): tf.Tensor {
  return tf.tidy(() => {
    const { outer, length, inner } = around(x.shape, axis);
    const kept = withAxis(x.shape, axis, 1);
    if (length === 1) return tf.reshape(toFloat(x), kept);
    const view = tf.reshape<tf.Rank.R3>(toFloat(x), [outer, length, inner]);
    if (inner > 1) return tf.reshape(sumColumns(view), kept);
    const rows = tf.reshape<tf.Rank.R2>(view, [outer, length]);
    return tf.reshape(length <= SHORT_ROW ? tf.matMul(rows, tf.ones([length, 1])) : sumLongRows(rows), kept);
  });
}

/** `[rows, n] -> [rows]`: cut into columns, which are summed down, and then along the row that is left. */
function sumLongRows(x: tf.Tensor2D): tf.Tensor {
  const [rows, length] = x.shape;
  if (length === 0) return tf.zeros([rows]);
  if (length <= SHORT_ROW) return tf.reshape(tf.matMul(x, tf.ones([length, 1])), [rows]);
  const fitting = largestDivisor(length, COLUMNS);
  const columns = fitting >= LEAST_COLUMNS ? fitting : COLUMNS;
  const height = Math.ceil(length / columns);
  const full = padEnd(tf.reshape(x, [rows, length, 1]), height * columns);
  return sumLongRows(tf.reshape(sumColumns(tf.reshape(full, [rows, height, columns])), [rows, columns]));
}

/** `[outer, n, inner] -> [outer, inner]`, in blocks of neighbouring rows. */
function sumColumns(x: tf.Tensor3D): tf.Tensor {
  const [outer, length, inner] = x.shape;
  if (length <= 1) return tf.reshape(length === 1 ? x : tf.zeros([outer, inner]), [outer, inner]);
  const fitting = largestDivisor(length, BLOCK);
  const block = fitting >= Math.min(LEAST_BLOCK, length) ? fitting : Math.min(BLOCK, length);
  const blocks = Math.ceil(length / block);
  const channels = largestDivisor(inner, CHANNELS);
  const full = padEnd(x, block * blocks);
  const sums = poolSum(tf.reshape(full, [outer, block * blocks, inner / channels, channels]), block);
  return sumColumns(tf.reshape(sums, [outer, blocks, inner]));
}

/** Sums of `block` neighbours on the second axis. */
function poolSum(x: tf.Tensor4D, block: number): tf.Tensor4D {
  return tf.mul<tf.Tensor4D>(tf.avgPool(x, [block, 1], [block, 1], 'valid'), block);
}

function largestDivisor(size: number, most: number): number {
  let divisor = Math.min(size, most);
  while (size % divisor !== 0) divisor--;
  return divisor;
}

/** Zeros at the end of the second axis. Numbers side by side are padded as one row, which wasm copies faster. */
function padEnd(x: tf.Tensor3D, length: number): tf.Tensor3D {
  const [outer, given, inner] = x.shape;
  if (length === given) return x;
  const rows = tf.reshape<tf.Rank.R2>(x, [outer, given * inner]);
  const padded = tf.pad(rows, [
    [0, 0],
    [0, (length - given) * inner],
  ]);
  return tf.reshape(padded, [outer, length, inner]);
}

/** The cast of a float would copy on wasm. */
function toFloat(x: tf.Tensor): tf.Tensor {
  return x.dtype === 'float32' ? x : tf.cast(x, 'float32');
}
