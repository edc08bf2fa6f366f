import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { reshaped } from '../tensors/reshaped.js';
import { around, withAxis } from './axes.js';
import { at } from './conv-geometry.js';
import { takeExtents } from './crop.js';

// Every function works on a rank-3 view [outer, axis, inner]. Reshaping costs nothing, and wasm pads, slices and
// joins rank 3 natively, while its stridedSlice, depthToSpace and high-rank transpose are 20 to 100 times slower.

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
    const window = takeExtents(x, [{ axis, begin: offset, size: count * stride }], fill);
    if (stride === 1) return window;
    const { outer, inner } = around(x.shape, axis);
    const steps = ops.reshape<tf.Rank.R3>(window, [outer, count, stride * inner]);
    return ops.reshape(tf.slice(steps, [0, 0, 0], [outer, count, inner]), withAxis(x.shape, axis, count));
  });
}

/**
 * Adjoint of `takeEvery`, zero insertion: `y_(offset + k stride) = x_k`, zero elsewhere, `total` elements in place of
 * the axis. Elements that would land outside are dropped. Where that changes nothing, `x` itself comes back.
 */
export function placeEvery(x: tf.Tensor, axis: number, offset: number, stride: number, total: number): tf.Tensor {
  if (stride === 1 && offset === 0 && total === at(x.shape, axis)) return x;
  return tf.tidy(() => {
    const spread = stride === 1 ? x : insertZeros(x, axis, stride);
    return takeExtents(spread, [{ axis, begin: -offset, size: total }]);
  });
}

/** `placeEvery` from the start of both axes of planes `[b, h, w, c]`, with zeros after the last, too; in a single kernel. */
export function spreadPlanes(x: tf.Tensor4D, [rows, columns]: readonly [number, number]): tf.Tensor4D {
  if (rows === 1 && columns === 1) return x;
  const [b, h, w, c] = x.shape;
  return tf.tidy(() => {
    const full = tf.pad4d(reshaped(x, [b * h, 1, w, c]), [
      [0, 0],
      [0, rows - 1],
      [0, 0],
      [0, (columns - 1) * c],
    ]);
    return reshaped(full, [b, h * rows, w * columns, c]);
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
    const extent = (size: number) => [{ axis, begin: 0, size }];
    if (stride === 1) return takeExtents(first, extent(total));
    const { inner } = around(first.shape, axis);
    const rows = Math.ceil(total / stride);
    const views = given.map(({ part, phase }) => {
      const long = at(part.shape, axis) === rows ? part : takeExtents(part, extent(rows));
      return { phase, rows: view(long, axis) };
    });
    const joined = inner >= LONG_ROW && given.length > 1 ? joinLong(views, stride) : joinShort(views, stride);
    const all = ops.reshape(joined, withAxis(first.shape, axis, rows * stride));
    return rows * stride === total ? all : takeExtents(all, extent(total));
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
      (sum, one) => tf.tidy(() => ops.add<tf.Tensor3D>(sum, place(one))),
      place(at(first ? [first] : [], 0)),
    ),
  );
}

function insertZeros(x: tf.Tensor, axis: number, stride: number): tf.Tensor {
  const { length, inner } = around(x.shape, axis);
  const gap: [number, number] = [0, (stride - 1) * inner];
  return ops.reshape(tf.pad(view(x, axis), [[0, 0], [0, 0], gap]), withAxis(x.shape, axis, length * stride));
}

function view(x: tf.Tensor, axis: number): tf.Tensor3D {
  const { outer, length, inner } = around(x.shape, axis);
  return reshaped(x, [outer, length, inner]);
}
