import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { type AxisGeometry, at, countsTensor, type Padding, spatialAxes, tapsPerOutput } from './conv-geometry.js';
import type { Shape } from './linear-op.js';
import { meanOfWindows } from './mean-windows.js';
import { planePad } from './plane.js';
import { placeEvery } from './stride.js';

/** Pooling windows over one, two or three spatial axes of `x [b, ...spatial, c]`. */
export interface WindowGeometry {
  /** Sizes of the window. */
  readonly sizes: readonly number[];
  /** How far it moves. */
  readonly strides: readonly number[];
  /** What stands around the input. */
  readonly padding: Padding;
}

/** Geometry of every spatial axis. */
export function windowAxes(inputShape: Shape, geometry: WindowGeometry): AxisGeometry[] {
  const { sizes, strides, padding } = geometry;
  return spatialAxes(inputShape.slice(1, -1), sizes, { strides, padding, dilations: sizes.map(() => 1) });
}

/** Shape of the pooled tensor. */
export function windowOutputShape(inputShape: Shape, geometry: WindowGeometry): number[] {
  const spatial = windowAxes(inputShape, geometry).map((axis) => axis.output);
  return [at(inputShape, 0), ...spatial, at(inputShape, inputShape.length - 1)];
}

/** Elements in each window, padding not counted: `[1, ...out, 1]`. */
export function windowCounts(inputShape: Shape, geometry: WindowGeometry): tf.Tensor {
  return countsTensor(windowAxes(inputShape, geometry).map(tapsPerOutput), 1);
}

/** Mean of each window, padding not counted: `[b, ...out, c]`. */
export function averagePool(x: tf.Tensor, geometry: WindowGeometry): tf.Tensor {
  return tf.tidy(() =>
    inPlanes(x, windowAxes(x.shape, geometry), (planes, pair) => {
      const [v, h] = [at(pair, 0), at(pair, 1)];
      return meanOfWindows(planes, { size: [v.size, h.size], strides: [v.stride, h.stride], pad: planePad(pair) });
    }),
  );
}

/** Sum of each window: `z_o = Σ_(i in window o) x_i`, `[b, ...out, c]`. Adjoint of `windowSpread`. */
export function windowSum(x: tf.Tensor, geometry: WindowGeometry): tf.Tensor {
  return tf.tidy(() => {
    const average = averagePool(x, geometry);
    const full = windowAxes(x.shape, geometry).every((axis) => axis.before === 0 && axis.after === 0);
    const counts = full ? geometry.sizes.reduce((all, size) => all * size, 1) : windowCounts(x.shape, geometry);
    return ops.mul(average, counts);
  });
}

/**
 * Adjoint of `windowSum`: every element receives the sum of `s` over the windows it belongs to, `c_i = Σ_(o : i in
 * window o) s_o`. `s [b, ...out, c]`, result of the shape `inputShape`.
 *
 * Windows that tile an axis are a broadcast product. Others are a window sum themselves: zeros between the elements of
 * `s`, then sums of stride 1.
 */
export function windowSpread(s: tf.Tensor, geometry: WindowGeometry, inputShape: Shape): tf.Tensor {
  return tf.tidy(() => {
    const axes = windowAxes(inputShape, geometry);
    const tiles = axes.map((axis) => axis.stride === axis.size && axis.before === 0 && axis.after === 0);
    const spread = axes.reduce(
      (part, axis, index) => (at(tiles, index) ? repeat(part, index + 1, axis) : spaceOut(part, index + 1, axis)),
      s,
    );
    const sizes = axes.map((axis, index) => (at(tiles, index) ? 1 : axis.size));
    if (sizes.every((size) => size === 1)) return ops.reshape(spread, [...inputShape]);
    return windowSum(spread, { sizes, strides: sizes.map(() => 1), padding: 'valid' });
  });
}

/** Each element `size` times, then zeros up to the input's length where the last window ends before it. */
function repeat(s: tf.Tensor, axis: number, geometry: AxisGeometry): tf.Tensor {
  const { size, output, input } = geometry;
  const before = s.shape.slice(0, axis).reduce((all, n) => all * n, 1);
  const inner = s.shape.slice(axis + 1).reduce((all, n) => all * n, 1);
  const tiled = ops.mul(ops.reshape(s, [before, output, 1, inner]), tf.ones([1, 1, size, 1]));
  const shape = s.shape.map((n, index) => (index === axis ? output * size : n));
  return placeEvery(ops.reshape(tiled, shape), axis, 0, 1, input);
}

/** Zeros such that window sums of stride 1 over the result are the adjoint on this axis. */
function spaceOut(s: tf.Tensor, axis: number, geometry: AxisGeometry): tf.Tensor {
  const { size, stride, before, input } = geometry;
  return placeEvery(s, axis, size - 1 - before, stride, input + size - 1);
}

/** A pooling of tfjs on planes `[b, h, w, c]`. */
export type PlanePool = (planes: tf.Tensor4D, axes: readonly AxisGeometry[]) => tf.Tensor;

/**
 * Applies a pooling that is separable over axes to one, two or three spatial axes. One axis is a plane of height 1.
 * With three, slices in depth are samples first; then the depth is pooled with height and width as one axis. tfjs has
 * kernels for three axes, but the wasm ones are scalar loops. (Merging more into the channels would be shorter, but
 * wasm's average pooling overruns its stack, and then the heap, from 16384 channels on.)
 */
export function inPlanes(x: tf.Tensor, axes: readonly AxisGeometry[], pool: PlanePool): tf.Tensor {
  const [b, c] = [at(x.shape, 0), at(x.shape, x.rank - 1)];
  const out = [b, ...axes.map((axis) => axis.output), c];
  if (axes.length === 1) {
    const pooled = pool(ops.reshape(x, [b, at(x.shape, 1), 1, c]), [at(axes, 0), still(1)]);
    return ops.reshape(pooled, out);
  }
  const [h, w] = [at(x.shape, x.rank - 3), at(x.shape, x.rank - 2)];
  const planes = pool(ops.reshape(x, [x.size / (h * w * c), h, w, c]), axes.slice(-2));
  if (axes.length === 2) return ops.reshape(planes, out);
  const [depth, area] = [at(x.shape, 1), planes.size / (b * at(x.shape, 1) * c)];
  return ops.reshape(pool(ops.reshape(planes, [b, depth, area, c]), [at(axes, 0), still(area)]), out);
}

/** An axis that a window leaves alone. */
export function still(length: number): AxisGeometry {
  return { input: length, output: length, size: 1, stride: 1, dilation: 1, before: 0, after: 0 };
}
