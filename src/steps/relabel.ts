import * as tf from '@tensorflow/tfjs-core';
import { at } from '../kernels/conv-geometry.js';
import { type Extent, takeExtents } from '../kernels/crop.js';
import { sumToShape } from '../kernels/products.js';
import { takeEvery } from '../kernels/stride.js';
import { windowSum } from '../kernels/window.js';
import * as ops from '../tensors/ops.js';
import { type Shape, sizeOf } from '../tensors/shape.js';
import type { RelabelStep } from './step.js';

/**
 * Another shape for the same elements in the same order.
 *
 * @param target The shape of the output (batch included) for that of the input.
 */
export function reshapeStep(target: (shape: Shape) => readonly number[], name = 'reshape'): RelabelStep {
  return {
    kind: 'relabel',
    name,
    apply: (xs) => ops.reshape(at(xs, 0), [...target(at(xs, 0).shape)]),
    back: (rOut, shapes) => [ops.reshape(rOut, [...at(shapes, 0)])],
    outputShape: (shapes) => target(at(shapes, 0)),
    bijective: true,
  };
}

/** Each sample as one row of numbers. */
export function flattenStep(): RelabelStep {
  return reshapeStep((shape) => [shape[0] ?? 1, sizeOf(shape.slice(1))], 'flatten');
}

/** Exchanges axes: the output's axis `k` is the input's axis `permutation[k]`; the batch is axis 0. */
export function permuteStep(permutation: readonly number[], name = 'permute'): RelabelStep {
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  return {
    kind: 'relabel',
    name,
    apply: (xs) => tf.transpose(at(xs, 0), [...permutation]),
    back: (rOut) => [tf.transpose(rOut, inverse)],
    permutation,
    bijective: true,
  };
}

/** Puts its inputs one behind the other along an axis (counted from the start, the batch being 0). */
export function concatStep(axis: number): RelabelStep {
  return {
    kind: 'relabel',
    name: 'concat',
    apply: (xs) => tf.concat([...xs], axis),
    back: (rOut, shapes) => {
      let begin = 0;
      return shapes.map((shape) => {
        const size = shape[axis] ?? 0;
        const part = takeEvery(rOut, axis, begin, 1, size);
        begin += size;
        return part;
      });
    },
    outputShape: (shapes) =>
      at(shapes, 0).map((size, own) =>
        own === axis ? shapes.reduce((sum, shape) => sum + (shape[axis] ?? 0), 0) : size,
      ),
    bijective: true,
  };
}

/** How many elements to add (padding) or leave out (cropping) on both sides of an axis. */
export interface Margin {
  /** The axis, the batch being 0. */
  readonly axis: number;
  /** Number of elements before the first. */
  readonly before: number;
  /** Number of elements after the last. */
  readonly after: number;
}

/** Zeros around the input. Relevance that falls on them is lost, and booked as padding. */
export function padStep(margins: readonly Margin[]): RelabelStep {
  return {
    kind: 'relabel',
    name: 'pad',
    apply: (xs) => widen(at(xs, 0), margins),
    back: (rOut) => [narrow(rOut, margins)],
    lost: (rOut) => tf.tidy(() => onMargins(rOut, margins)),
    losesOnlyZeros: true,
    outputShape: (shapes) => resized(at(shapes, 0), margins, 1),
    bijective: false,
  };
}

/** Leaves out elements at the edges; they earn nothing. */
export function cropStep(margins: readonly Margin[]): RelabelStep {
  return {
    kind: 'relabel',
    name: 'crop',
    apply: (xs) => narrow(at(xs, 0), margins),
    back: (rOut) => [widen(rOut, margins)],
    outputShape: (shapes) => resized(at(shapes, 0), margins, -1),
    bijective: false,
  };
}

/** `[batch, features] -> [batch, times, features]`; the copies' relevance adds up. */
export function repeatStep(times: number): RelabelStep {
  return {
    kind: 'relabel',
    name: `repeat ${times}`,
    apply: (xs) => tf.tidy(() => tf.tile(tf.expandDims(at(xs, 0), 1), [1, times, 1])),
    back: (rOut, shapes) => {
      const [batch = 1, features = 1] = at(shapes, 0);
      return [tf.tidy(() => ops.reshape(sumToShape(rOut, [batch, 1, features]), [batch, features]))];
    },
    bijective: false,
  };
}

/**
 * Every pixel of `x [batch, height, width, channels]` becomes a block of equal ones; the copies' relevance adds up.
 *
 * @param factors Height and width of a block.
 */
export function upsampleStep(factors: readonly [number, number]): RelabelStep {
  const [height, width] = factors;
  return {
    kind: 'relabel',
    name: `upsample ${height}x${width}`,
    apply: (xs) => {
      // The step is only added where the input has four axes.
      const x = at(xs, 0) as tf.Tensor4D;
      return tf.image.resizeNearestNeighbor(x, [x.shape[1] * height, x.shape[2] * width]);
    },
    back: (rOut) => [windowSum(rOut, { sizes: factors, strides: factors, padding: 'valid' })],
    bijective: false,
  };
}

/** A shape with margins added (1) or taken off (-1). */
function resized(shape: Shape, margins: readonly Margin[], sign: 1 | -1): number[] {
  const change = (axis: number) =>
    margins.filter((margin) => margin.axis === axis).reduce((sum, { before, after }) => sum + before + after, 0);
  return shape.map((size, axis) => size + sign * change(axis));
}

/** What lies on the margins of each sample, `[batch, n]`; the corners once. */
function onMargins(x: tf.Tensor, margins: readonly Margin[]): tf.Tensor {
  const batch = sizeAt(x, 0);
  const inside = x.shape.map((size) => ({ from: 0, to: size }));
  const strips = margins.flatMap(({ axis, ...margin }) => {
    const { from, to } = at(inside, axis);
    // A negative margin cuts off, so nothing lies there.
    const [before, after] = [Math.max(0, margin.before), Math.max(0, margin.after)];
    const narrowed = inside.flatMap((range, other) => (other === axis ? [] : [{ ...range, axis: other }]));
    inside[axis] = { from: from + before, to: to - after };
    const ends = [
      { from, to: from + before, axis },
      { from: to - after, to, axis },
    ];
    return ends
      .filter((end) => end.to > end.from)
      .map((end) => takeExtents(x, [end, ...narrowed].map(extentOf)))
      .map((strip) => ops.reshape<tf.Rank.R2>(strip, [batch, strip.size / batch]));
  });
  return strips.length > 0 ? tf.concat(strips, 1) : tf.zeros([batch, 1]);
}

function extentOf({ axis, from, to }: { axis: number; from: number; to: number }): Extent {
  return { axis, begin: from, size: to - from };
}

function widen(x: tf.Tensor, margins: readonly Margin[]): tf.Tensor {
  const extent = ({ axis, before, after }: Margin) => ({
    axis,
    begin: -before,
    size: sizeAt(x, axis) + before + after,
  });
  return takeExtents(x, margins.map(extent));
}

function narrow(x: tf.Tensor, margins: readonly Margin[]): tf.Tensor {
  return widen(
    x,
    margins.map(({ axis, before, after }) => ({ axis, before: -before, after: -after })),
  );
}

function sizeAt(x: tf.Tensor, axis: number): number {
  return x.shape[axis] ?? 1;
}
