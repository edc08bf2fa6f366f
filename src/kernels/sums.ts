import * as tf from '@tensorflow/tfjs-core';
import { asFloat } from '../tensors/as-float.js';
import * as ops from '../tensors/ops.js';
import { around, largestDivisor, withAxis } from './axes.js';
import { meanOfWindows } from './mean-windows.js';
import { asPlanes } from './plane.js';

// wasm adds up in order, in one float32: over millions of elements the sum drifts, by 1e-5 of it and more. Many columns
// side by side, summed in blocks, and blocks of blocks, keep every chain of additions short. The blocks are summed by
// average pooling, which wasm vectorises over what it takes for channels: eight times as fast as its Sum, and four
// times as fast as a product with ones. Every kernel called costs some 10 µs, which counts where tensors are small, so
// there are as few of them as accuracy allows.

/** Most elements of a column that are summed at once. */
const BLOCK = 4096;

/** Fewest elements of a block worth a pooling: columns whose length has no such divisor are padded instead. */
export const LEAST_BLOCK = 64;

/** Most channels of a pooling: from 16384 on, wasm's average pooling overruns its stack and corrupts the heap. */
const CHANNELS = 1024;

/** Columns that a sample is cut into, at most and at least: powers of two, so that many samples have as many. */
const COLUMNS = 512;
const LEAST_COLUMNS = 32;

/** Rows up to this length are summed by one product with ones: the chain is short enough. */
export const SHORT_ROW = 1024;

/** A sample cut into columns: `count` times the sum of their means is its sum. */
export interface ColumnMeans {
  /** `[batch, 1, 1, columns]`, at most 1024 columns; `[batch, blocks, 1, columns]` where blocks are left. */
  readonly means: tf.Tensor4D;
  readonly count: number;
}

/** Most neighbours in a column whose sum stands for them in a magnitude. */
const MAGNITUDE_BLOCK = 16;

/** Most numbers of a sample that stay as they are. Mostly they are part of the result anyhow. */
export const FEW = 8192;

/** Most blocks of a sample that are not worth more kernels. */
export const FEW_BLOCKS = 4096;

/**
 * The greater part of {@link sumPerSample}, in a few kernels: what is left to be added up is small, and can be for many
 * tensors at once. A small tensor comes back as it is, sharing its data.
 */
export function columnMeans(x: tf.Tensor): ColumnMeans {
  const channels = isWideMap(x) ? channelMeans(x) : null;
  if (channels) return channels;
  return tf.tidy(() => {
    const columns = columnsOf(x);
    const count = columns.shape[1];
    return { means: meanOfBlocks(columns, count), count };
  });
}

/** Whether the channels of a map, `[batch, height, width, channels]`, make columns as they lie. */
function isWideMap(x: tf.Tensor): boolean {
  const [batch = 1, , , channels = 0] = x.shape;
  const isMap = x.rank === 4 && x.dtype === 'float32';
  return isMap && channels >= LEAST_COLUMNS / 2 && x.size > SHORT_ROW * batch;
}

/** What is left of a tensor for its sum and that of its magnitude. */
export interface TotalMeans extends ColumnMeans {
  /** `count` times the sum of these is the magnitude; undefined where the absolute values of `means` serve. */
  readonly magnitudes: tf.Tensor4D | undefined;
}

/**
 * The sum of a tensor and its magnitude, read in one pass: the sum of the absolute values of blocks of up to 16
 * elements. It is at most `Σ |x|`, and a quarter of it where signs are random. A small tensor comes back as it is, sharing its
 * data, and one that is not large as its blocks.
 */
export function totalMeans(x: tf.Tensor): TotalMeans {
  return tf.tidy(() => {
    const batch = x.shape[0] ?? 1;
    if (isSmall(x)) {
      const means = ops.reshape<tf.Rank.R4>(asFloat(x), [batch, 1, 1, x.size / Math.max(batch, 1)]);
      return { means, count: 1, magnitudes: undefined };
    }
    const columns = columnsOf(x);
    const count = columns.shape[1];
    const block = largestDivisor(count, MAGNITUDE_BLOCK);
    const blocks = meanOfBlocks(columns, block);
    if (blocks.size <= FEW_BLOCKS * batch) return { means: blocks, count: block, magnitudes: undefined };
    const means = (parts: tf.Tensor4D) => meanOfBlocks(parts, count / block);
    return { means: means(blocks), count, magnitudes: means(ops.abs(blocks)) };
  });
}

/** Whether a tensor, batch first, has so few numbers that no kernel is worth while. */
export function isSmall(x: tf.Tensor): boolean {
  return x.size <= FEW * (x.shape[0] ?? 1);
}

/** Samples cut into columns, `[batch, count, 1, columns]`, zeros at the end where they do not come out even. */
function columnsOf(x: tf.Tensor): tf.Tensor4D {
  const batch = x.shape[0] ?? 1;
  const length = x.size / Math.max(batch, 1);
  if (length <= SHORT_ROW) return ops.reshape(asFloat(x), [batch, 1, 1, length]);
  const fitting = powerOfTwoIn(length, COLUMNS);
  const columns = fitting >= LEAST_COLUMNS ? fitting : COLUMNS;
  const count = Math.ceil(length / columns);
  if (count * columns === length) return ops.reshape(asFloat(x), [batch, count, 1, columns]);
  return ops.reshape(padEnd(ops.reshape(asFloat(x), [batch, length, 1]), count * columns), [batch, count, 1, columns]);
}

/** The largest power of two that divides a size and is at most `most`, one itself. */
function powerOfTwoIn(size: number, most: number): number {
  let power = 1;
  while (power < most && size % (2 * power) === 0) power *= 2;
  return power;
}

/**
 * As {@link columnMeans}, the columns being the channels of the last axis: `means` is `[batch, blocks, 1, channels]`, with
 * few of them in all. Null for more channels than a column's sum may have.
 */
export function channelMeans(x: tf.Tensor): ColumnMeans | null {
  const [batch, channels] = [x.shape[0] ?? 1, x.shape[x.rank - 1] ?? 1];
  const count = x.size / Math.max(batch * channels, 1);
  if (channels > CHANNELS || x.rank < 2) return null;
  const block = largestDivisor(count, BLOCK);
  if (block < count && (block < LEAST_BLOCK || count / block > BLOCK)) return null;
  return tf.tidy(() => {
    const blocks = blocksOfMap(x, block) ?? meanOfBlocks(ops.reshape(x, [batch, count, 1, channels]), block);
    const left = count / block;
    const few = left * channels <= FEW_BLOCKS;
    return few ? { means: blocks, count: block } : { means: meanOfBlocks(blocks, left), count };
  });
}

/** Means of `block` neighbours on the second axis, which it divides. */
export function meanOfBlocks(x: tf.Tensor4D, block: number): tf.Tensor4D {
  if (block === 1) return x;
  return meanOfWindows(x, { size: [block, 1], strides: [block, 1], pad: 'valid' });
}

/** The same for the positions of a map `[batch, height, width, channels]`, without a view of it; null for any other tensor. */
function blocksOfMap(x: tf.Tensor, block: number): tf.Tensor4D | null {
  const [, height = 1, width = 1] = x.shape;
  const rows = block / width;
  if (x.rank !== 4 || block === 1 || x.dtype !== 'float32' || !Number.isInteger(rows) || height % rows !== 0)
    return null;
  return meanOfWindows(asPlanes(x), { size: [rows, width], strides: [rows, width], pad: 'valid' });
}

/** Sum over all but the batch axis, `[batch]`, accurate to a few units in the last place of `Σ|x|`. */
export function sumPerSample(x: tf.Tensor): tf.Tensor1D {
  return tf.tidy(() => {
    const { means, count } = columnMeans(x);
    const [batch] = means.shape;
    const columns = means.size / Math.max(batch, 1);
    if (columns === 0) return tf.zeros([batch]);
    return ops.reshape(ops.matMul(ops.reshape(means, [batch, columns]), tf.fill([columns, 1], count)), [batch]);
  });
}

/** Inner product per sample, `Σ a b` over all but the batch axis: `[batch]`. Shapes are equal. */
export function dotPerSample(a: tf.Tensor, b: tf.Tensor): tf.Tensor1D {
  return tf.tidy(() => sumPerSample(ops.mul(a, b)));
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
    if (length === 1) return ops.reshape(asFloat(x), kept);
    const view = ops.reshape<tf.Rank.R3>(asFloat(x), [outer, length, inner]);
    if (inner > 1) return ops.reshape(sumColumns(view), kept);
    const rows = ops.reshape<tf.Rank.R2>(view, [outer, length]);
    return ops.reshape(length <= SHORT_ROW ? ops.matMul(rows, tf.ones([length, 1])) : sumPerSample(rows), kept);
  });
}

/** `[outer, n, inner] -> [outer, inner]`, in blocks of neighbouring rows. */
function sumColumns(x: tf.Tensor3D): tf.Tensor {
  const [outer, length, inner] = x.shape;
  if (length <= 1) return ops.reshape(length === 1 ? x : tf.zeros([outer, inner]), [outer, inner]);
  const fitting = largestDivisor(length, BLOCK);
  const block = fitting >= Math.min(LEAST_BLOCK, length) ? fitting : Math.min(BLOCK, length);
  const blocks = Math.ceil(length / block);
  const channels = largestDivisor(inner, CHANNELS);
  const full = padEnd(x, block * blocks);
  const sums = poolSum(ops.reshape(full, [outer, block * blocks, inner / channels, channels]), block);
  return sumColumns(ops.reshape(sums, [outer, blocks, inner]));
}

/** Sums of `block` neighbours on the second axis. */
function poolSum(x: tf.Tensor4D, block: number): tf.Tensor4D {
  return ops.mul<tf.Tensor4D>(meanOfBlocks(x, block), block);
}

/** Zeros at the end of the second axis. Numbers side by side are padded as one row, which wasm copies faster. */
function padEnd(x: tf.Tensor3D, length: number): tf.Tensor3D {
  const [outer, given, inner] = x.shape;
  if (length === given) return x;
  const rows = ops.reshape<tf.Rank.R2>(x, [outer, given * inner]);
  const padded = tf.pad(rows, [
    [0, 0],
    [0, (length - given) * inner],
  ]);
  return ops.reshape(padded, [outer, length, inner]);
}
