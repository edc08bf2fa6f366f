import * as tf from '@tensorflow/tfjs-core';
import { convolveDepthwise } from './convolve.js';
import { planePad } from './plane.js';

/**
 * Windows for which wasm has a depthwise kernel of its own, `[height, width]`, by their number of taps: with 2 taps, say, it
 * is 40 times slower than with 3.
 */
const FAST_WINDOWS = [
  [1, 1],
  [1, 3],
  [3, 1],
  [1, 4],
  [2, 2],
  [4, 1],
  [3, 3],
  [5, 5],
] as const;

/** What is picked on one axis: every `stride`-th of `count` elements from `from` on, which lies within the `reach` of a window. */
export interface Picked {
  readonly from: number;
  readonly stride: number;
  readonly count: number;
  readonly reach: number;
}

/**
 * Some rows and columns of `x [b, h, w, c]`: `y_kl = x_(from + k stride, from' + l stride')` for `k < count` and
 * `l < count'`, by a depthwise convolution with a single one. Exact for finite numbers, and native on wasm, whose slices
 * copy the whole tensor to JavaScript first. Cheap while what a window spans is small; the windows lie within `x`.
 */
export function pick(x: tf.Tensor4D, rows: Picked, columns: Picked): tf.Tensor4D {
  const [, height, width, channels] = x.shape;
  const fast = FAST_WINDOWS.find(([high, wide]) => high >= rows.reach && wide >= columns.reach);
  const [high, wide] = fast ?? [rows.reach, columns.reach];
  const tap = rows.from * wide + columns.from;
  const values = new Float32Array(high * wide * channels).fill(1, tap * channels, (tap + 1) * channels);
  const pad = planePad([overhang(rows, high, height), overhang(columns, wide, width)]);
  const window = tf.tensor4d(values, [high, wide, channels, 1]);
  return convolveDepthwise(x, window, null, { strides: [rows.stride, columns.stride], pad, dilations: [1, 1] });
}

/** How far the last window, of a size that wasm likes, reaches beyond the axis. */
function overhang({ stride, count }: Picked, size: number, length: number): { before: number; after: number } {
  return { before: 0, after: Math.max(0, (count - 1) * stride + size - length) };
}
