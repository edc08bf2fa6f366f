import * as tf from '@tensorflow/tfjs-core';
import type { Shape } from './linear-op.js';

/** Zeros before the first and after the last element of one axis. */
export type AxisPadding = 'same' | 'valid' | readonly [before: number, after: number];

/** Padding of all spatial axes: a TensorFlow scheme, or the zeros before and after each axis. */
export type Padding = 'same' | 'valid' | readonly (readonly [before: number, after: number])[];

/** How a window moves, one entry per spatial axis. TensorFlow.js wants strides or dilations to be all 1. */
export interface ConvOptions {
  /** How far the window moves. */
  readonly strides: readonly number[];
  /** What stands around the input. */
  readonly padding: Padding;
  /** Distance of neighbouring taps. */
  readonly dilations: readonly number[];
}

/** A sliding window on one axis: output `o` sees input `o * stride + t * dilation - before` through tap `t`. */
export interface AxisGeometry {
  readonly input: number;
  readonly output: number;
  /** Number of taps. */
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding before the first and after the last element. */
  readonly before: number;
  readonly after: number;
}

/** Resolves padding and output size of one axis as TensorFlow does: `same` puts the odd zero at the end. */
export function axisGeometry(
  input: number,
  size: number,
  stride: number,
  dilation: number,
  padding: AxisPadding,
): AxisGeometry {
  const reach = (size - 1) * dilation + 1;
  if (padding === 'same') {
    const output = Math.ceil(input / stride);
    const total = Math.max(0, (output - 1) * stride + reach - input);
    const before = Math.floor(total / 2);
    return { input, output, size, stride, dilation, before, after: total - before };
  }
  const [before, after] = padding === 'valid' ? [0, 0] : padding;
  const output = Math.max(0, Math.floor((input + before + after - reach) / stride) + 1);
  return { input, output, size, stride, dilation, before, after };
}

/** Geometry of every spatial axis, for the spatial sizes of an input and of a window. */
export function spatialAxes(spatial: Shape, window: Shape, options: ConvOptions): AxisGeometry[] {
  const { strides, dilations, padding } = options;
  return spatial.map((input, axis) => {
    const own = typeof padding === 'string' ? padding : at(padding, axis);
    return axisGeometry(input, at(window, axis), at(strides, axis), at(dilations, axis), own);
  });
}

/** Taps of each output that fall on an input element; padding is none: `n_o = #{t : 0 <= i(o, t) < input}`. */
export function tapsPerOutput(axis: AxisGeometry): number[] {
  const counts = new Array<number>(axis.output).fill(0);
  forEachConnection(axis, (_, output) => {
    counts[output] = (counts[output] ?? 0) + 1;
  });
  return counts;
}

/** Windows that reach each input element: `n_i = #{(o, t) : i(o, t) = i}`. */
export function tapsPerInput(axis: AxisGeometry): number[] {
  const counts = new Array<number>(axis.input).fill(0);
  forEachConnection(axis, (input) => {
    counts[input] = (counts[input] ?? 0) + 1;
  });
  return counts;
}

/** `factor` times the outer product of per-axis counts, `[1, ...spatial, 1]`: broadcasts over batch and channels. */
export function countsTensor(counts: readonly (readonly number[])[], factor: number): tf.Tensor {
  const values = counts.reduce<number[]>(
    (product, axis) => product.flatMap((p) => axis.map((count) => p * count)),
    [factor],
  );
  return tf.tensor(values, [1, ...counts.map((axis) => axis.length), 1], 'float32');
}

/** Element of an array whose length the caller vouches for. */
export function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new Error(`internal: no entry ${index} in a list of ${values.length}.`);
  return value;
}

function forEachConnection(axis: AxisGeometry, visit: (input: number, output: number) => void): void {
  for (let output = 0; output < axis.output; output++) {
    for (let tap = 0; tap < axis.size; tap++) {
      const input = output * axis.stride + tap * axis.dilation - axis.before;
      if (input >= 0 && input < axis.input) visit(input, output);
    }
  }
}
