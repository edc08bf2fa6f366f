import * as tf from '@tensorflow/tfjs-core';
import { planePad } from './plane.js';

/** Numbers of taps for which wasm has a depthwise kernel of its own: with 2, say, it is 40 times slower than with 3. */
const FAST_TAPS = [1, 3, 4, 9, 25];

/**
 * Every `stride`-th row (axis 1) or column (axis 2) of `x [b, h, w, c]`: `y_k = x_(from + k stride)` for `k < count`, by
 * a depthwise convolution with a single one. Exact for finite numbers, and native on wasm, whose slices copy the whole
 * tensor to JavaScript first. Cheap while `reach`, the elements a window spans, is small; `from` lies within it, and
 * the windows within `x`.
 */
export function pick(
  x: tf.Tensor4D,
  axis: 1 | 2,
  { from, stride, count, reach }: { from: number; stride: number; count: number; reach: number },
): tf.Tensor4D {
  const channels = x.shape[3];
  const taps = FAST_TAPS.find((size) => size >= reach) ?? reach;
  const values = new Float32Array(taps * channels).fill(1, from * channels, (from + 1) * channels);
  const after = Math.max(0, (count - 1) * stride + taps - x.shape[axis]);
  const [none, end] = [
    { before: 0, after: 0 },
    { before: 0, after },
  ];
  return axis === 1
    ? tf.depthwiseConv2d(x, tf.tensor4d(values, [taps, 1, channels, 1]), [stride, 1], planePad([end, none]))
    : tf.depthwiseConv2d(x, tf.tensor4d(values, [1, taps, channels, 1]), [1, stride], planePad([none, end]));
}
