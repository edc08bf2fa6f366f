import * as tf from '@tensorflow/tfjs-core';
import { around, largestDivisor, withAxis } from './stride.js';

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

/** Columns that a sample is cut into, at most and at least. */
const COLUMNS = 512;
const LEAST_COLUMNS = 32;

/** Rows up to this length are summed by one product with ones: the chain is short enough. */
const SHORT_ROW = 1024;

/** A sample cut into columns: `count` times the sum of their means is its sum. */
export interface ColumnMeans {
  /** `[batch, 1, 1, columns]`, at most 1024 columns. */
  readonly means: tf.Tensor4D;
  readonly count: number;
}

/**
 * The greater part of {@link sumPerSample}, in a few kernels: what is left to be added up is small, and can be for many
 * tensors at once. A small tensor comes back as it is, sharing its data.
 */
export function columnMeans(x: tf.Tensor): ColumnMeans {
  const batch = x.shape[0] ?? 1;
  const length = x.size / Math.max(batch, 1);
  if (length <= SHORT_ROW) return { means: tf.reshape(toFloat(x), [batch, 1, 1, length]), count: 1 };
  const fitting = largestDivisor(length, COLUMNS);
  const columns = fitting >= LEAST_COLUMNS ? fitting : COLUMNS;
  const count = Math.ceil(length / columns);
  const means = tf.tidy(() => {
    const full = padEnd(tf.reshape(toFloat(x), [batch, length, 1]), count * columns);
    return tf.avgPool(tf.reshape<tf.Rank.R4>(full, [batch, count, 1, columns]), [count, 1], 1, 'valid');
  });
  return { means, count };
}

/** Sum over all but the batch axis, `[batch]`, accurate to a few units in the last place of `Σ|x|`. */
export function sumPerSample(x: tf.Tensor): tf.Tensor1D {
  return tf.tidy(() => {
    const { means, count } = columnMeans(x);
    const [batch, , , columns] = means.shape;
    if (columns === 0) return tf.zeros([batch]);
    return tf.reshape(tf.matMul(tf.reshape(means, [batch, columns]), tf.fill([columns, 1], count)), [batch]);
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
    return tf.reshape(length <= SHORT_ROW ? tf.matMul(rows, tf.ones([length, 1])) : sumPerSample(rows), kept);
  });
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
