import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import type { AxisGeometry } from './conv-geometry.js';
import { at } from './conv-geometry.js';
import { interleave, takeEvery } from './stride.js';

/**
 * What one tap of a window sees: `y_o = x_(o stride + tap dilation - before)`, `output` elements on the axis. Padding
 * is `fill`. Returns a new tensor.
 */
export function takeTap(x: tf.Tensor, axis: number, geometry: AxisGeometry, tap: number, fill = 0): tf.Tensor {
  const { stride, dilation, before, output } = geometry;
  return takeEvery(x, axis, tap * dilation - before, stride, output, fill);
}

/**
 * Adjoint of taking every tap: `y_i = Σ_(o, t : o stride + t dilation - before = i) parts[t]_o`, `input` elements on
 * the axis. What falls on padding is dropped. Taps of the same stride phase are shifted against each other and added at
 * the size of the parts; only the phases are spread out, which keeps the work small. Returns a new tensor.
 *
 * @param make Makes the parts, which go before the phases are spread out.
 */
export function placeTaps(make: () => readonly tf.Tensor[], axis: number, geometry: AxisGeometry): tf.Tensor {
  return tf.tidy(() => {
    let phases: (tf.Tensor | null)[] = [];
    tf.tidy(() => {
      phases = phasesOfTaps(make(), axis, geometry);
      return phases.filter((phase) => phase !== null);
    });
    return interleave(phases, axis, geometry.input);
  });
}

/** The sums of the parts of each stride phase; null for zeros. At least one is a tensor. */
function phasesOfTaps(parts: readonly tf.Tensor[], axis: number, geometry: AxisGeometry): (tf.Tensor | null)[] {
  const { stride, dilation, before, input } = geometry;
  const phases = Array.from({ length: stride }, (_, position): tf.Tensor | null => {
    const count = Math.ceil((input - position) / stride);
    const placed = parts.flatMap((part, tap) => {
      // Element o of the part lands on element o + shift of the phase.
      const shift = (tap * dilation - before - position) / stride;
      return Number.isInteger(shift) ? [{ part, shift }] : [];
    });
    return placed.length === 0 || count <= 0 ? null : addShifted(placed, axis, count);
  });
  if (phases.some((phase) => phase !== null)) return phases;
  return [tf.zerosLike(takeEvery(at(parts, 0), axis, 0, 1, Math.ceil(input / stride))), ...phases.slice(1)];
}

/** `y_q = Σ part_(q - shift)`, elements 0 to `count - 1`. Adds on the range of all parts, to cut off just once. */
function addShifted(placed: readonly { part: tf.Tensor; shift: number }[], axis: number, count: number): tf.Tensor {
  const length = at(at(placed, 0).part.shape, axis);
  const from = Math.min(0, ...placed.map(({ shift }) => shift));
  const to = Math.max(count, ...placed.map(({ shift }) => shift + length));
  return tf.tidy(() => {
    const shifted = ({ part, shift }: { part: tf.Tensor; shift: number }) =>
      takeEvery(part, axis, from - shift, 1, to - from);
    const [first, ...others] = placed;
    // One at a time: together they would be as large as all parts.
    const sum = others.reduce(
      (total, one) => tf.tidy(() => ops.add(total, shifted(one))),
      shifted(at(first ? [first] : [], 0)),
    );
    return takeEvery(sum, axis, -from, 1, count);
  });
}
