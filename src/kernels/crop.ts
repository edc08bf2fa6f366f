import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { reshaped } from '../tensors/reshaped.js';
import { around, largestDivisor, withAxis } from './axes.js';
import { type AxisGeometry, at } from './conv-geometry.js';
import { type Picked, pick } from './pick.js';
import { padPlanes, planePad } from './plane.js';

/** Which elements of an axis are wanted: those before its start, and after its end, are made up. */
export interface Extent {
  /** The axis, the batch being 0. */
  readonly axis: number;
  /** The first element; negative before the start of the axis. */
  readonly begin: number;
  /** How many elements. */
  readonly size: number;
}

/** Most elements that are cut off an axis by a convolution, and the least size of a tensor it is worth. */
const MOST_CUT = 3;
const WORTH_CONVOLVING = 2 ** 14;

/** Fewest and most channels of such a convolution: per pixel it takes the same time for one channel as for four. */
const LEAST_CHANNELS = 8;
const CHANNELS = 1024;

/**
 * Elements `begin ... begin + size - 1` of each axis named, all of the others; those outside of `x` are `fill`. Two axes side by
 * side go together, in half the kernels. Returns a new tensor.
 */
export function takeExtents(x: tf.Tensor, extents: readonly Extent[], fill = 0): tf.Tensor {
  return tf.tidy(() => {
    const wanted = extents.filter(({ axis, begin, size }) => begin !== 0 || size !== at(x.shape, axis));
    const sorted = [...wanted].sort((a, b) => a.axis - b.axis);
    const [first, second] = sorted;
    if (!first) return ops.reshape(x, x.shape);
    if (second?.axis !== first.axis + 1) return takeExtents(takePlane(x, null, first, fill), sorted.slice(1), fill);
    return takeExtents(takePlane(x, first, second, fill), sorted.slice(2), fill);
  });
}

/** `x [b, ...spatial, c]` with the padding of its axes around it. Returns a new tensor. */
export function withPadding(x: tf.Tensor, axes: readonly AxisGeometry[], fill = 0): tf.Tensor {
  const extent = ({ before, after, input }: AxisGeometry, index: number) => {
    return { axis: index + 1, begin: -before, size: before + input + after };
  };
  return takeExtents(x, axes.map(extent), fill);
}

/** A view `[outer, rows, columns, inner]`, and what is wanted of rows and columns. */
function takePlane(x: tf.Tensor, rows: Extent | null, columns: Extent, fill: number): tf.Tensor {
  const { outer, length, inner } = around(x.shape, columns.axis);
  const height = rows ? at(x.shape, rows.axis) : 1;
  const view = reshaped<tf.Rank.R4>(x, [outer / height, height, length, inner]);
  const vertical = rangeOf(rows ?? { begin: 0, size: 1 }, height);
  const horizontal = rangeOf(columns, length);
  const resized = withAxis(x.shape, columns.axis, columns.size);
  const shape = rows ? withAxis(resized, rows.axis, rows.size) : resized;
  if (vertical.count === 0 || horizontal.count === 0) return tf.fill(shape, fill);
  return reshaped(padPlanes(cut(view, vertical, horizontal), planePad([vertical, horizontal]), fill), shape);
}

/** What of an extent lies inside its axis, and what before and after. */
interface Range {
  readonly from: number;
  readonly count: number;
  readonly before: number;
  readonly after: number;
  /** Elements of the axis that are left out. */
  readonly left: number;
}

function rangeOf({ begin, size }: Pick<Extent, 'begin' | 'size'>, length: number): Range {
  const from = Math.min(Math.max(begin, 0), length);
  const to = Math.min(Math.max(begin + size, from), length);
  const before = from - begin;
  return { from, count: to - from, before, after: size - before - (to - from), left: length - (to - from) };
}

/** The inside of both axes: by a convolution where that is nearly all, and wide. wasm's slice copies all of `x` first. */
function cut(x: tf.Tensor4D, vertical: Range, horizontal: Range): tf.Tensor4D {
  if (vertical.left === 0 && horizontal.left === 0) return x;
  const [outer, rows, columns, inner] = x.shape;
  const most = Math.max(vertical.left, horizontal.left);
  if (most > MOST_CUT || x.size < WORTH_CONVOLVING || x.dtype !== 'float32') return slice(x, vertical, horizontal);
  const shape: [number, number, number, number] = [outer, vertical.count, horizontal.count, inner];
  // Where whole rows go, or whole pixels that are wide, they lie one behind the other, and any of their numbers are channels.
  if (horizontal.left === 0) return reshaped(pickRows(x, [outer, rows, columns * inner], vertical), shape);
  if (vertical.left === 0 && inner > CHANNELS) {
    return reshaped(pickRows(x, [outer * rows, columns, inner], horizontal), shape);
  }
  if (inner < LEAST_CHANNELS || inner > CHANNELS) return slice(x, vertical, horizontal);
  // Long runs of pixels are fastest.
  const long = vertical.left === 0 ? reshaped<tf.Rank.R4>(x, [1, outer * rows, columns, inner]) : x;
  const height = vertical.left === 0 ? outer * rows : vertical.count;
  return reshaped(pick(long, { ...windowOf(vertical), count: height }, windowOf(horizontal)), shape);
}

/** Some of the rows of a view `[outer, rows, width]`. */
function pickRows(x: tf.Tensor, [outer, rows, width]: [number, number, number], range: Range): tf.Tensor {
  const channels = largestDivisor(width, CHANNELS);
  const columns = { from: 0, stride: 1, count: width / channels, reach: 1 };
  return pick(reshaped<tf.Rank.R4>(x, [outer, rows, width / channels, channels]), windowOf(range), columns);
}

function windowOf({ from, count, left }: Range): Picked {
  return { from, stride: 1, count, reach: left + 1 };
}

function slice(x: tf.Tensor4D, vertical: Range, horizontal: Range): tf.Tensor4D {
  const [outer, rows, columns, inner] = x.shape;
  const view = reshaped<tf.Rank.R3>(x, [outer, rows, columns * inner]);
  const begin = [0, vertical.from, horizontal.from * inner];
  const kept = tf.slice(view, begin, [outer, vertical.count, horizontal.count * inner]);
  return reshaped(kept, [outer, vertical.count, horizontal.count, inner]);
}
