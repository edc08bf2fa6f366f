import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import type { AxisGeometry } from './conv-geometry.js';
import { at } from './conv-geometry.js';
import { withPadding } from './crop.js';
import { pick } from './pick.js';
import { asPlanes, planePad } from './plane.js';
import { placeTaps } from './taps.js';
import { inPlanes, still, type WindowGeometry, windowAxes } from './window.js';

/** Below every activation and still finite: shaders need not honour infinity. */
const LOWEST = -3e38;

/** Largest window whose elements are ranked at once: half floats count so far, and one further, without gaps. */
const MOST_RANKED = 2047;

/** Maximum of each window, `x [b, ...spatial, c] -> [b, ...out, c]`. Padding never wins. */
export function maxPool(x: tf.Tensor, geometry: WindowGeometry): tf.Tensor {
  return tf.tidy(() => inPlanes(x, windowAxes(x.shape, geometry), maxOfWindows));
}

/**
 * Gives the relevance of each window to its first maximum in row-major order: with `m(o)` that element of window `o`,
 * `rIn_i = Σ_(o : m(o) = i) rOut_o`. Conserves the sum. `rOut` and `y = maxPool(x)` are `[b, ...out, c]`, the result
 * has the shape of `x`; activations are finite.
 *
 * The gradients of tfjs are no use here: of tied maxima cpu picks the first, wasm and webgl the last, and wasm loses
 * windows without a positive element. Instead the axes are taken one by one: the first maximum of a window lies in its
 * first row whose maximum is that of the window, and is the first one there. So the windows hand to rows, and the rows
 * to their elements.
 */
export function maxPoolRoute(rOut: tf.Tensor, x: tf.Tensor, y: tf.Tensor, geometry: WindowGeometry): tf.Tensor {
  return tf.tidy(() => {
    const stages = stagesOf(windowAxes(x.shape, geometry));
    const planes = (t: tf.Tensor, [v, h]: Stage, side: 'input' | 'output') =>
      ops.reshape<tf.Rank.R4>(t, [-1, v[side], h[side], at(x.shape, x.rank - 1)]);
    const levels = [x];
    for (const stage of stages.slice(0, -1)) {
      levels.push(maxOfWindows(planes(at(levels, levels.length - 1), stage, 'input'), stage));
    }
    levels.push(y);
    const routed = stages.reduceRight((r, stage, index) => {
      const [below, above] = [
        planes(at(levels, index), stage, 'input'),
        planes(at(levels, index + 1), stage, 'output'),
      ];
      const share = stage.every(isTiled) ? routeTiles : routeTaps;
      // Each stage lets go of what it made on its way: that is many times the result.
      return tf.tidy(() => share(planes(r, stage, 'output'), below, above, stage));
    }, rOut);
    return ops.reshape(routed, x.shape);
  });
}

/** Maximum of each window of planes. */
function maxOfWindows(planes: tf.Tensor4D, axes: readonly AxisGeometry[]): tf.Tensor {
  const [v, h] = [at(axes, 0), at(axes, 1)];
  return tf.maxPool(planes, [v.size, h.size], [v.stride, h.stride], planePad(axes));
}

/** Pooling of planes `[outer, rows, columns, c]`. Where only rows are pooled, the columns stand still. */
type Stage = [rows: AxisGeometry, columns: AxisGeometry];

/** Stages of a pooling, innermost axis first. The last two axes go together where their windows tile them. */
function stagesOf(axes: readonly AxisGeometry[]): Stage[] {
  const [v, h] = axes.slice(-2);
  const joint = v !== undefined && h !== undefined && isTiled(v) && isTiled(h) && v.size * h.size <= MOST_RANKED;
  const stages: Stage[] = joint ? [[v, h]] : [];
  const single = joint ? axes.slice(0, -2) : axes;
  let columns = joint ? v.output * h.output : 1;
  for (const axis of [...single].reverse()) {
    stages.push([axis, still(columns)]);
    columns *= axis.output;
  }
  return stages;
}

function isTiled({ input, output, size, stride, before, after }: AxisGeometry): boolean {
  return stride === size && before === 0 && after === 0 && input === output * size;
}

/**
 * Windows that tile the planes are compared as a whole. With `n` elements in a window, element `t` of it gets
 *
 *     rank = n + 1 - t          where it equals the maximum, at most 1 elsewhere;
 *     chosen = rank is the largest of the window;    rIn = rOut * chosen
 */
function routeTiles(r: tf.Tensor4D, x: tf.Tensor4D, y: tf.Tensor4D, [v, h]: Stage): tf.Tensor {
  const [outer, , , channels] = x.shape;
  const count = v.size * h.size;
  const split = [outer * v.output, v.size, h.output, h.size, channels];
  const perWindow = (t: tf.Tensor) => ops.reshape(t, [outer * v.output, 1, h.output, 1, channels]);
  // 1 below the maximum, and n + 1 where it is met.
  const met = ops.step(ops.sub(perWindow(y), ops.reshape(x, split)), count + 1);
  const rank = ops.sub(met, ops.reshape(tf.range(0, count), [1, v.size, 1, h.size, 1]));
  const largest = maxOfWindows(ops.reshape(rank, x.shape), [v, h]);
  const chosen = ops.step(ops.sub(rank, perWindow(ops.sub(largest, 0.5))));
  return ops.mul(perWindow(r), chosen);
}

/**
 * Overlapping or padded windows over the rows: the taps are visited in order, and one that equals `y` takes what is
 * left. The last one takes it unasked, since a window has a maximum.
 *
 *     below = step(y - x_tap)          next = rest * below;   part = rest - next;   rest = next
 */
function routeTaps(r: tf.Tensor4D, x: tf.Tensor4D, y: tf.Tensor4D, [rows, columns]: Stage): tf.Tensor {
  // What is needed for the parts only ends before they are put in their places.
  const makeParts = () => tf.tidy(() => partsOfTaps(r, x, y, [rows, columns]));
  return placeTaps(makeParts, 1, rows);
}

function partsOfTaps(r: tf.Tensor4D, x: tf.Tensor4D, y: tf.Tensor4D, [rows, columns]: Stage): tf.Tensor4D[] {
  const padded = rows.before + rows.after === 0 ? x : asPlanes(withPadding(x, [rows, columns], LOWEST));
  const window = { stride: rows.stride, count: rows.output, reach: rows.size };
  const width = { from: 0, stride: 1, count: padded.shape[2], reach: 1 };
  const see = (tap: number) => pick(padded, { ...window, from: tap }, width);
  let rest = r;
  return Array.from({ length: rows.size }, (_, tap) => {
    if (tap === rows.size - 1) return rest;
    const left = rest;
    const next = tf.tidy(() => ops.mul<tf.Tensor4D>(left, ops.step(ops.sub(y, see(tap)))));
    const part = ops.sub<tf.Tensor4D>(rest, next);
    rest = next;
    return part;
  });
}
