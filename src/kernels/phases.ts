import * as tf from '@tensorflow/tfjs-core';
import type { AxisGeometry } from './conv-geometry.js';
import { at } from './conv-geometry.js';
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

/** One phase on one axis: `count` input elements `position, position + stride ...`. */
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
    const count = Math.max(0, Math.ceil((input - position) / stride));
    const first = (position + before - tap) / stride;
    const reach = (taps - 1) * dilation;
    return { tap, taps, count, begin: first - reach, length: count + reach };
  });
}

function tapsOfPhase(size: number, stride: number, tap: number): number {
  return Math.max(0, Math.ceil((size - tap) / stride));
}

/**
 * Kernels of the phases, row-major by first tap: `[kh, kw, cin, cout]` becomes `sh * sw` tensors
 * `[mh, mw, cout, cin]`, flipped. A phase without taps is an empty tensor, so that the shapes alone still tell the
 * kernel's size. All are new tensors.
 */
export function phaseKernels(kernel: tf.Tensor, strides: readonly number[]): tf.Tensor[] {
  const [kh, kw, cin, cout] = kernel.shape;
  const [sh, sw] = strides;
  if (kh === undefined || kw === undefined || sh === undefined || sw === undefined) {
    throw new Error('internal: phases need a kernel [kh, kw, cin, cout] and two strides.');
  }
  return tf.tidy(() => {
    const turned = tf.transpose(kernel, [0, 1, 3, 2]);
    return pairs(sh, sw).map(([top, left]) => {
      const mh = tapsOfPhase(kh, sh, top);
      const mw = tapsOfPhase(kw, sw, left);
      if (mh === 0 || mw === 0) return tf.zeros([mh, mw, cout ?? 0, cin ?? 0]);
      return tf.reverse(takeEvery(takeEvery(turned, 0, top, sh, mh), 1, left, sw, mw), [0, 1]);
    });
  });
}

/** Height and width of the kernel that `phaseKernels` cut up: the taps of all phases together. */
export function phasedKernelSize(kernels: readonly tf.Tensor[], strides: readonly number[]): [number, number] {
  const [sh, sw] = [at(strides, 0), at(strides, 1)];
  const sum = (count: number, axis: number, step: number) =>
    Array.from({ length: count }, (_, r) => at(at(kernels, r * step).shape, axis)).reduce((a, b) => a + b);
  return [sum(sh, 0, sw), sum(sw, 1, 1)];
}

/** `c` of the shape `inputShape` (`[b, h, w, cin]`) for `s [b, oh, ow, cout]`; `axes` are height and width. */
export function runPhases(
  s: tf.Tensor4D,
  kernels: readonly tf.Tensor[],
  axes: readonly AxisGeometry[],
  inputShape: Shape,
): tf.Tensor {
  return tf.tidy(() => {
    const [vertical, horizontal] = [at(axes, 0), at(axes, 1)];
    const rows = phasesOf(vertical).map((row) => {
      const parts = phasesOf(horizontal).map((column) => {
        if (row.taps * row.count * column.taps * column.count === 0) return null;
        const kernel = at(kernels, row.tap * horizontal.stride + column.tap);
        return convolvePhase(s, kernel, row, column, [vertical.dilation, horizontal.dilation]);
      });
      return parts.every((part) => part === null) ? null : interleave(parts, 2, horizontal.input);
    });
    if (rows.every((row) => row === null)) return tf.zeros([...inputShape]);
    return interleave(rows, 1, vertical.input);
  });
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
  return tf.conv2d(inside, asPlanes(kernel), 1, planePad([vertical, horizontal]), 'NHWC', dilations);
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
