import * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import type { LinearStep } from '../steps/step.js';
import { derivedWeight, type Weight } from '../tensors/weight.js';

/** A linear step with the diagonal map that follows it worked in: `w' = w s`, `b' = b s + t` for `y -> s y + t`. */
export function foldAfter(step: LinearStep, scale: Weight, shift: Weight | null): LinearStep {
  const { kernel, output } = foldable(step);
  return {
    ...step,
    kernel: derivedWeight(`${kernel.name} with batch norm`, kernel.shape, [kernel, scale], (w, s) =>
      tf.mul(w, alongAxes(s, kernel.shape, output)),
    ),
    bias: foldBiasAfter(step.bias, scale, shift),
  };
}

/** A linear step with the diagonal map before it worked in: `w' = w s`, `b' = b + Σ w t` for `x -> s x + t`. */
export function foldBefore(step: LinearStep, scale: Weight, shift: Weight | null): LinearStep {
  const { kernel, input, output } = foldable(step);
  return {
    ...step,
    kernel: derivedWeight(`${kernel.name} with batch norm`, kernel.shape, [kernel, scale], (w, s) =>
      tf.mul(w, alongAxes(s, kernel.shape, input)),
    ),
    bias: shift ? foldBiasBefore(kernel, step.bias, shift, input, output) : step.bias,
  };
}

function foldBiasAfter(bias: Weight | null, scale: Weight, shift: Weight | null): Weight | null {
  if (!bias) return shift;
  const scaled = derivedWeight(`${bias.name} with batch norm`, bias.shape, [bias, scale], (b, s) => tf.mul(b, s));
  if (!shift) return scaled;
  return derivedWeight(scaled.name, bias.shape, [scaled, shift], (b, t) => tf.add(b, t));
}

function foldBiasBefore(
  kernel: Weight,
  bias: Weight | null,
  shift: Weight,
  input: readonly number[],
  output: readonly number[],
): Weight {
  const others = kernel.shape.map((_, axis) => axis).filter((axis) => !output.includes(axis));
  const size = output.reduce((product, axis) => product * (kernel.shape[axis] ?? 1), 1);
  const moved = derivedWeight(`bias of ${kernel.name} with batch norm`, [size], [kernel, shift], (w, t) =>
    // A new tensor of rank 1: wasm's fused kernels look at the rank that the data were made with, not at the view's.
    tf.mul(tf.reshape(tf.sum(tf.mul(w, alongAxes(t, kernel.shape, input)), others), [size]), 1),
  );
  return bias ? derivedWeight(moved.name, [size], [bias, moved], (b, m) => tf.add(b, m)) : moved;
}

/** A vector per channel, shaped to broadcast along the kernel axes that together index the channel. */
function alongAxes(vector: tf.Tensor, kernelShape: readonly number[], axes: readonly number[]): tf.Tensor {
  return tf.reshape(
    vector,
    kernelShape.map((size, axis) => (axes.includes(axis) ? size : 1)),
  );
}

function foldable(step: LinearStep) {
  if (!step.kernel || !step.channels) throw new InternalError(`step "${step.name}" cannot be folded into`);
  return { kernel: step.kernel, ...step.channels };
}
