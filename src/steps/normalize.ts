import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import type { Weight } from '../tensors/weight.js';
import type { NormalizeStep, ReadWeight } from './step.js';

/**
 * Layer normalization, `(x - mean) / sqrt(variance + epsilon) · gamma + beta`.
 *
 * @param axes The axes over which mean and variance are taken, and along which gamma and beta run. Default the last.
 */
export function layerNormStep(
  gamma: Weight | null,
  beta: Weight | null,
  axes: readonly number[] = [-1],
  epsilon = 1e-3,
): NormalizeStep {
  return { kind: 'normalize', name: 'layer norm', axes, epsilon, centered: true, gamma, beta };
}

/**
 * RMS normalization, `x / sqrt(mean of x² + epsilon) · gamma`: no mean is subtracted and nothing is added.
 *
 * @param axes The axes over which the squares are averaged, and along which gamma runs. Default the last.
 * @see Zhang and Sennrich 2019, "Root mean square layer normalization".
 */
export function rmsNormStep(gamma: Weight | null, axes: readonly number[] = [-1], epsilon = 1e-6): NormalizeStep {
  return { kind: 'normalize', name: 'rms norm', axes, epsilon, centered: false, gamma, beta: null };
}

/** Forward pass of a normalization. */
export function applyNormalize(step: NormalizeStep, x: tf.Tensor, read: ReadWeight): tf.Tensor {
  return tf.tidy(() => {
    const scaled = ops.mul(centre(step, x), inverseDeviation(step, x));
    return affine(step, scaled, read);
  });
}

/** `J^T s` where `J` is the map `x -> (x - mean(x)) / sd · gamma` with `sd` held constant. Shape of `x`. */
export function detachedAdjoint(step: NormalizeStep, x: tf.Tensor, s: tf.Tensor, read: ReadWeight): tf.Tensor {
  return tf.tidy(() => {
    const weighted = step.gamma ? ops.mul(s, broadcastWeight(step, read(step.gamma), x.rank)) : s;
    // Subtracting the mean is a symmetric map, so its adjoint is itself.
    return centre(step, ops.mul(weighted, inverseDeviation(step, x)));
  });
}

/** `beta` shaped to broadcast against `x`, or null. */
export function normalizeBias(step: NormalizeStep, rank: number, read: ReadWeight): tf.Tensor | null {
  return step.beta ? broadcastWeight(step, read(step.beta), rank) : null;
}

function centre(step: NormalizeStep, x: tf.Tensor): tf.Tensor {
  return step.centered ? ops.sub(x, tf.mean(x, axesOf(step, x.rank), true)) : x;
}

function inverseDeviation(step: NormalizeStep, x: tf.Tensor): tf.Tensor {
  const [squares, axes] = [tf.square(centre(step, x)), axesOf(step, x.rank)];
  if (step.divisor === 'length') return tf.rsqrt(tf.maximum(tf.sum(squares, axes, true), step.epsilon));
  return tf.rsqrt(ops.add(tf.mean(squares, axes, true), step.epsilon));
}

function affine(step: NormalizeStep, x: tf.Tensor, read: ReadWeight): tf.Tensor {
  const scaled = step.gamma ? ops.mul(x, broadcastWeight(step, read(step.gamma), x.rank)) : x;
  return step.beta ? ops.add(scaled, broadcastWeight(step, read(step.beta), x.rank)) : scaled;
}

function axesOf(step: NormalizeStep, rank: number): number[] {
  return step.axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

function broadcastWeight(step: NormalizeStep, weight: tf.Tensor, rank: number): tf.Tensor {
  const shape = new Array<number>(rank).fill(1);
  axesOf(step, rank).forEach((axis, index) => {
    shape[axis] = weight.shape[index] ?? 1;
  });
  return ops.reshape(weight, shape);
}
