import * as tf from '@tensorflow/tfjs-core';
import { reshaped } from '../tensors/reshaped.js';
import { at } from './conv-geometry.js';
import { pick } from './pick.js';

// Every function works on a rank-3 view [outer, axis, inner]. Reshaping costs nothing, and wasm pads, slices and
// joins rank 3 natively, while its stridedSlice, depthToSpace and high-rank transpose are 20 to 100 times slower.

/** Largest number of elements that is cut off an axis by a convolution, and the least size of a tensor it is worth. */
const MOST_CUT = 3;
const WORTH_CONVOLVING = 2 ** 14;

/** Most channels of such a convolution. */
const CHANNELS = 1024;

/** Rows of at least so many floats are joined by concat, which copies row by row; shorter ones by pad and add. */
const LONG_ROW = 1024;

/**
 * Every `stride`-th element of an axis: `y_k = x_(offset + k stride)` for `k < count`. Elements outside of `x`, before
 * its start as well as after its end, are `fill`. Returns a new tensor, with `count` in place of the axis.
 */
export function takeEvery(
  x: tf.Tensor,
  axis: number,
  offset: number,
  stride: number,
  count: number,
  fill = 0,
): tf.Tensor {
  return tf.tidy(() => {
    const { outer, inner } = around(x.shape, axis);
    const window = crop(view(x, axis), offset, count * stride, fill);
    const steps = reshaped<tf.Rank.R3>(window, [outer, count, stride * inner]);
    const taken = stride === 1 ? steps : tf.slice(steps, [0, 0, 0], [outer, count, inner]);
    return tf.reshape(taken, withAxis(x.shape, axis, count));
  });
}

/**
 * Adjoint of `takeEvery`, zero insertion: `y_(offset + k stride) = x_k`, zero elsewhere, `total` elements in place of
 * the axis. Elements that would land outside are dropped. Where that changes nothing, `x` itself comes back.
 */
export function placeEvery(x: tf.Tensor, axis: number, offset: number, stride: number, total: number): tf.Tensor {
  if (stride === 1 && offset === 0 && total === at(x.shape, axis)) return x;
  return tf.tidy(() => {
    const { outer, length, inner } = around(x.shape, axis);
    const spread = stride === 1 ? view(x, axis) : insertZeros(x, axis, stride);
    const placed = crop(reshaped<tf.Rank.R3>(spread, [outer, length * stride, inner]), -offset, total, 0);
    return reshaped(placed, withAxis(x.shape, axis, total));
  });
}

/**
 * Joins stride phases: `y_(p + k n) = parts[p]_k` for `n` parts, cut to `total` elements on the axis. A part needs
 * `ceil((total - p) / n)` elements; null stands for zeros and costs nothing. At least one part is a tensor. A single part
 * of that size comes back itself.
 */
export function interleave(parts: readonly (tf.Tensor | null)[], axis: number, total: number): tf.Tensor {
  const given = parts.flatMap((part, phase) => (part === null ? [] : [{ part, phase }]));
  const stride = parts.length;
  const first = at(given, 0).part;
  if (stride === 1 && at(first.shape, axis) === total) return first;
  return tf.tidy(() => {
    if (stride === 1) return tf.reshape(crop(view(first, axis), 0, total, 0), withAxis(first.shape, axis, total));
    const { outer, inner } = around(first.shape, axis);
    const rows = Math.ceil(total / stride);
    const views = given.map(({ part, phase }) => ({ phase, rows: crop(view(part, axis), 0, rows, 0) }));
    const joined = inner >= LONG_ROW && given.length > 1 ? joinLong(views, stride) : joinShort(views, stride);
    const flat = crop(reshaped<tf.Rank.R3>(joined, [outer, rows * stride, inner]), 0, total, 0);
    return reshaped(flat, withAxis(first.shape, axis, total));
  });
}

interface Phase {
  readonly phase: number;
  readonly rows: tf.Tensor3D;
}

/** `[outer, rows, stride * inner]` by concat; absent phases are zeros. */
function joinLong(phases: readonly Phase[], stride: number): tf.Tensor3D {
  const zeros = tf.zerosLike(at(phases, 0).rows);
  const byPhase = new Map(phases.map(({ phase, rows }) => [phase, rows]));
  return tf.concat(
    Array.from({ length: stride }, (_, phase) => byPhase.get(phase) ?? zeros),
    2,
  );
}

/** The same by padding each phase to its place and adding. */
function joinShort(phases: readonly Phase[], stride: number): tf.Tensor3D {
  const place = ({ phase, rows }: Phase) => {
    const inner = rows.shape[2];
    return tf.pad(rows, [
      [0, 0],
      [0, 0],
      [phase * inner, (stride - 1 - phase) * inner],
    ]);
  };
  const [first, ...others] = phases;
  return tf.tidy(() =>
    others.reduce(
      (sum, one) => tf.tidy(() => tf.add<tf.Tensor3D>(sum, place(one))),
      place(at(first ? [first] : [], 0)),
    ),
  );
}

function insertZeros(x: tf.Tensor, axis: number, stride: number): tf.Tensor3D {
  const { inner } = around(x.shape, axis);
  return tf.pad(view(x, axis), [
    [0, 0],
    [0, 0],
    [0, (stride - 1) * inner],
  ]);
}

/** Elements `begin ... begin + length - 1` of the middle axis; those outside of `x` are `fill`. */
function crop(x: tf.Tensor3D, begin: number, length: number, fill: number): tf.Tensor3D {
  const [outer, total, inner] = x.shape;
  const from = Math.min(Math.max(begin, 0), total);
  const to = Math.min(Math.max(begin + length, from), total);
  if (to === from) return tf.fill([outer, length, inner], fill);
  const inside = from === 0 && to === total ? x : cut(x, from, to - from);
  const before = from - begin;
  const after = length - before - (to - from);
  if (before === 0 && after === 0) return inside;
  return tf.pad(
    inside,
    [
      [0, 0],
      [before, after],
      [0, 0],
    ],
    fill,
  );
}

/** Elements `from ... from + length - 1` of the middle axis: by a convolution where they are nearly all. */
function cut(x: tf.Tensor3D, from: number, length: number): tf.Tensor3D {
  const [outer, total, inner] = x.shape;
  const reach = total - length + 1;
  if (reach > MOST_CUT + 1 || x.size < WORTH_CONVOLVING || x.dtype !== 'float32') {
    return tf.slice(x, [0, from, 0], [outer, length, inner]);
  }
  const window = { from, stride: 1, count: length, reach };
  // Long runs of pixels are fastest, so the axis is the height only where a row is many pixels wide.
  const wide = inner > CHANNELS;
  const channels = largestDivisor(inner, CHANNELS);
  const kept = wide
    ? pick(reshaped<tf.Rank.R4>(x, [outer, total, inner / channels, channels]), 1, window)
    : pick(reshaped<tf.Rank.R4>(x, [1, outer, total, inner]), 2, window);
  return reshaped(kept, [outer, length, inner]);
}

/**
 * A few elements at an end of an axis: `y_k = x_(from + k)` for `k < count`. As `takeEvery`, but reads little else: wasm's
 * slice copies the whole of `x` to JavaScript first, so pooling over one element in steps from 0 to the element finds it.
 */
export function takeEnd(x: tf.Tensor, axis: number, from: number, count: number): tf.Tensor {
  const { length } = around(x.shape, axis);
  const inReach = from === 0 ? count === 1 : 2 * from >= length;
  if (!inReach || count > MOST_CUT || x.size < WORTH_CONVOLVING) return takeEvery(x, axis, from, 1, count);
  return tf.tidy(() => {
    const each = Array.from({ length: count }, (_, index) => takeOne(x, axis, from + index));
    return each.length === 1 ? at(each, 0) : tf.concat(each, axis);
  });
}

/** The first element of an axis, or one of its second half. */
function takeOne(x: tf.Tensor, axis: number, index: number): tf.Tensor {
  const { outer, length, inner } = around(x.shape, axis);
  const channels = largestDivisor(inner, CHANNELS);
  const wide = inner > CHANNELS;
  const stride = index === 0 ? length : index;
  const found = tf.maxPool(
    wide
      ? tf.reshape<tf.Rank.R4>(x, [outer, length, inner / channels, channels])
      : tf.reshape<tf.Rank.R4>(x, [1, outer, length, inner]),
    1,
    wide ? [stride, 1] : [1, stride],
    'valid',
  );
  const steps = index === 0 ? 1 : 2;
  const view = tf.reshape<tf.Rank.R3>(found, [outer, steps, inner]);
  const one = index === 0 ? view : tf.slice(view, [0, 1, 0], [outer, 1, inner]);
  return tf.reshape(one, withAxis(x.shape, axis, 1));
}

/** The largest divisor of a size that is at most `most`. */
export function largestDivisor(size: number, most: number): number {
  let divisor = Math.min(size, most);
  while (size % divisor !== 0) divisor--;
  return divisor;
}

function view(x: tf.Tensor, axis: number): tf.Tensor3D {
  const { outer, length, inner } = around(x.shape, axis);
  return reshaped(x, [outer, length, inner]);
}

/** Sizes before, on and behind an axis. */
export function around(shape: readonly number[], axis: number): { outer: number; length: number; inner: number } {
  const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);
  return {
    outer: product(shape.slice(0, axis)),
    length: at(shape, axis),
    inner: product(shape.slice(axis + 1)),
  };
}

/** A shape with another size on one axis. */
export function withAxis(shape: readonly number[], axis: number, size: number): number[] {
  return shape.map((old, index) => (index === axis ? size : old));
}
