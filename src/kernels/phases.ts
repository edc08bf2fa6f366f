import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { withAxis } from './axes.js';
import type { AxisGeometry } from './conv-geometry.js';
import { at } from './conv-geometry.js';
import { convolvePlanes } from './convolve.js';
import { takeExtents } from './crop.js';
import type { Shape } from './linear-op.js';
import { asPlanes, planePad } from './plane.js';
import { interleave, takeEvery } from './stride.js';

// The adjoint of a strided convolution as convolutions of stride 1, one per stride phase.
//
//   z_o = Σ_t w_t x_(o s + t d - p)        =>        c_i = Σ_(o, t : o s + t d - p = i) w_t s_o
//
// Input element i = r + q s - p only meets taps t = r + m s (d = 1 where s > 1), and then o = q - m d. So the elements
// of a phase r are a convolution of s with the taps r, r + s, r + 2 s ... reversed; the work is that of the forward
// pass. wasm's own kernel for this adjoint is a scalar loop, 10 to 14 times slower.

/** One phase on one axis: `count` input elements `position, position + stride ...`, the last of which may lie beyond. */
interface AxisPhase {
  /** First tap, `r`; the phase uses taps `r, r + stride ...`. */
  readonly tap: number;
  readonly taps: number;
  readonly count: number;
  /** The convolution covers elements `begin ... begin + length - 1` of `s`, which may reach beyond its ends. */
  readonly begin: number;
  readonly length: number;
}

/** Phases by position of their first element. */
function phasesOf(axis: AxisGeometry): AxisPhase[] {
  const { stride, dilation, before, input, size } = axis;
  return Array.from({ length: stride }, (_, position) => {
    const tap = (position + before) % stride;
    const taps = tapsOfPhase(size, stride, tap);
    const count = position < input ? Math.ceil(input / stride) : 0;
    const first = (position + before - tap) / stride;
    const reach = (taps - 1) * dilation;
    return { tap, taps, count, begin: first - reach, length: count + reach };
  });
}

function tapsOfPhase(size: number, stride: number, tap: number): number {
  return Math.max(0, Math.ceil((size - tap) / stride));
}

/** Up to so many input channels the column phases, if all have taps, are one convolution, which fills wasm's lanes. */
const FEW_CHANNELS = 4;

/**
 * Kernels of the phases, row-major by first tap: `[kh, kw, cin, cout]` becomes `sh * sw` tensors
 * `[mh, mw, cout, cin]`, flipped. A phase without taps is an empty tensor, so that the shapes alone still tell the
 * kernel's size. Where the channels are few, the first tensor of each row holds all column phases side by side,
 * `[mh, mw, cout, sw * cin]`, and the others are empty, without channels. All are new tensors.
 */
export function phaseKernels(kernel: tf.Tensor, strides: readonly number[]): tf.Tensor[] {
  const [kh, kw, cin, cout] = kernel.shape;
  const [sh, sw] = strides;
  if (kh === undefined || kw === undefined || sh === undefined || sw === undefined) {
    throw new Error('internal: phases need a kernel [kh, kw, cin, cout] and two strides.');
  }
  const joined = sw > 1 && kw >= sw && (cin ?? 0) <= FEW_CHANNELS;
  return tf.tidy(() => {
    const turned = tf.transpose(kernel, [0, 1, 3, 2]);
    return pairs(sh, sw).map(([top, left]) => {
      const mh = tapsOfPhase(kh, sh, top);
      const mw = tapsOfPhase(kw, sw, left);
      if (joined && left > 0) return tf.zeros([mh, mw, cout ?? 0, 0]);
      if (mh === 0 || mw === 0) return tf.zeros([mh, mw, cout ?? 0, (joined ? sw : 1) * (cin ?? 0)]);
      const rows = takeEvery(turned, 0, top, sh, mh);
      return tf.reverse(joined ? joinColumns(rows, sw, mw) : takeEvery(rows, 1, left, sw, mw), [0, 1]);
    });
  });
}

/** `[mh, kw, cout, cin] -> [mh, mw, cout, sw * cin]`: tap `r + m sw` becomes channels of tap `m`; zeros fill up. */
function joinColumns(rows: tf.Tensor, sw: number, mw: number): tf.Tensor {
  const [mh = 0, , cout = 0, cin = 0] = rows.shape;
  const taps = ops.reshape(takeEvery(rows, 1, 0, 1, mw * sw), [mh, mw, sw, cout, cin]);
  return ops.reshape(tf.transpose(taps, [0, 1, 3, 2, 4]), [mh, mw, cout, sw * cin]);
}

/** Shape `[kh, kw, cin, cout]` of the kernel that `phaseKernels` cut up. */
export function phasedKernelShape(kernels: readonly tf.Tensor[], strides: readonly number[]): number[] {
  const [, , cout, channels] = at(kernels, 0).shape;
  const joined = isJoined(kernels, strides) ? at(strides, 1) : 1;
  return [...phasedKernelSize(kernels, strides), (channels ?? 0) / joined, cout ?? 0];
}

function isJoined(kernels: readonly tf.Tensor[], strides: readonly number[]): boolean {
  return at(strides, 1) > 1 && at(at(kernels, 1).shape, 3) === 0;
}

/** Height and width of the kernel that `phaseKernels` cut up: the taps of all phases together. */
export function phasedKernelSize(kernels: readonly tf.Tensor[], strides: readonly number[]): [number, number] {
  const [sh, sw] = [at(strides, 0), at(strides, 1)];
  const sum = (count: number, axis: number, step: number) =>
    Array.from({ length: count }, (_, r) => at(at(kernels, r * step).shape, axis)).reduce((a, b) => a + b);
  return [sum(sh, 0, sw), sum(sw, 1, 1)];
}

/**
 * `c` of the shape `inputShape` (`[b, h, w, cin]`) for `s [b, oh, ow, cout]`; `axes` are height and width. Called inside a
 * tidy.
 */
export function runPhases(
  s: tf.Tensor4D,
  kernels: readonly tf.Tensor[],
  axes: readonly AxisGeometry[],
  inputShape: Shape,
): tf.Tensor {
  const [vertical, horizontal] = [at(axes, 0), at(axes, 1)];
  if (vertical.stride * horizontal.stride === 1) {
    const [row, column] = [at(phasesOf(vertical), 0), at(phasesOf(horizontal), 0)];
    return convolvePhase(s, at(kernels, 0), row, column, [vertical.dilation, horizontal.dilation]);
  }
  return tf.tidy(() => {
    const joined = isJoined(kernels, [vertical.stride, horizontal.stride]);
    const rows = phasesOf(vertical).map((row) => {
      if (joined) return row.taps * row.count === 0 ? null : joinedRow(s, kernels, row, vertical, horizontal);
      const parts = phasesOf(horizontal).map((column) => {
        if (row.taps * row.count * column.taps * column.count === 0) return null;
        const kernel = at(kernels, row.tap * horizontal.stride + column.tap);
        return convolvePhase(s, kernel, row, column, [vertical.dilation, horizontal.dilation]);
      });
      return parts.every((part) => part === null) ? null : interleave(parts, 2, wholePhases(horizontal));
    });
    if (rows.every((row) => row === null)) return tf.zeros([...inputShape]);
    // All phases are as long as the longest, so that both axes are cut off at once.
    const begin = joined ? horizontal.before : 0;
    return takeExtents(interleave(rows, 1, wholePhases(vertical)), [
      { axis: 1, begin: 0, size: vertical.input },
      { axis: 2, begin, size: horizontal.input },
    ]);
  });
}

/** Size of an axis whose phases are all as long as the longest. */
function wholePhases({ input, stride }: AxisGeometry): number {
  return Math.ceil(input / stride) * stride;
}

/**
 * All column phases of a row phase: the padded row, from its start. By tap instead of by position they need the same
 * elements of `s`, and element `q` of tap phase `r` is `r + q stride` of the padded row: joined channels are neighbours
 * there.
 */
function joinedRow(
  s: tf.Tensor4D,
  kernels: readonly tf.Tensor[],
  row: AxisPhase,
  vertical: AxisGeometry,
  { stride, before, input }: AxisGeometry,
): tf.Tensor {
  const kernel = at(kernels, row.tap * stride);
  const taps = at(kernel.shape, 1);
  const count = Math.ceil((input + before) / stride);
  const column = { tap: 0, taps, count, begin: 1 - taps, length: count + taps - 1 };
  const part = convolvePhase(s, kernel, row, column, [vertical.dilation, 1]);
  return ops.reshape(part, [...withAxis(part.shape, 2, count * stride).slice(0, 3), -1]);
}

function convolvePhase(
  s: tf.Tensor4D,
  kernel: tf.Tensor,
  row: AxisPhase,
  column: AxisPhase,
  dilations: [number, number],
): tf.Tensor {
  const [rows, vertical] = overhang(s, 1, row);
  const [inside, horizontal] = overhang(rows, 2, column);
  const pad = planePad([vertical, horizontal]);
  return convolvePlanes(inside, asPlanes(kernel), null, { strides: [1, 1], pad, dilations });
}

/** The part of `s` that a phase needs, and the zeros it needs around it. Padding is the convolution's own, so free. */
function overhang(s: tf.Tensor4D, axis: 1 | 2, phase: AxisPhase): [tf.Tensor4D, { before: number; after: number }] {
  const after = phase.begin + phase.length - s.shape[axis];
  if (phase.begin <= 0 && after >= 0) return [s, { before: -phase.begin, after }];
  return [asPlanes(takeEvery(s, axis, phase.begin, 1, phase.length)), { before: 0, after: 0 }];
}

function pairs(rows: number, columns: number): [number, number][] {
  return Array.from({ length: rows * columns }, (_, index) => [Math.floor(index / columns), index % columns]);
}
