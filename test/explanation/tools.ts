// What several test folders share: numbers, comparisons, tensor counts, and models with stated weights.
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import type { Explanation } from '../../src/index.js';

/** Numbers between -1 and 1 that are the same on every run. */
export function random(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) + 0x6d2b79f5) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 31 - 1;
  };
}

/** A float tensor of random numbers between `-scale` and `scale`. */
export function randomTensor(shape: readonly number[], seed = 1, scale = 1): tf.Tensor {
  const next = random(seed);
  const size = shape.reduce((product, n) => product * n, 1);
  const values = Float32Array.from({ length: size }, () => next() * scale);
  return tf.tensor(values, [...shape]);
}

/**
 * Random weights for every layer, nested ones included: kernels scaled by their fan-in, statistics of batch
 * normalizations away from zero. A bias may have either sign.
 */
export function randomizeWeights(model: tfl.layers.Layer, seed = 7): void {
  tf.tidy(() => {
    const values = model.weights.map((weight, index) => {
      const shape = weight.shape.map(Number);
      const value = randomTensor(shape, seed * 1000 + index);
      const name = weight.originalName;
      if (/variance/.test(name)) return tf.add(tf.mul(value, 0.7), 0.9);
      if (/gamma/.test(name)) return tf.add(tf.mul(value, 0.5), 1);
      if (shape.length < 2) return tf.mul(value, 0.3);
      const fanIn = /depthwise/.test(name) ? at(shape, 0) * at(shape, 1) : value.size / at(shape, shape.length - 1);
      return tf.mul(value, Math.sqrt(3 / fanIn));
    });
    if (values.length > 0) model.setWeights(values);
  });
}

/** Sets the weights of a layer from nested numbers, in the layer's own order. */
export function setWeights(layer: tfl.layers.Layer, ...values: readonly tf.TensorLike[]): void {
  tf.tidy(() => layer.setWeights(values.map((value) => tf.tensor(value))));
}

/** What a layer answers to one symbolic tensor, or to several. */
export function apply(
  layer: tfl.layers.Layer,
  input: tfl.SymbolicTensor | tfl.SymbolicTensor[],
  args?: Record<string, unknown>,
): tfl.SymbolicTensor {
  // One output: every layer used here has one.
  return layer.apply(input, args) as tfl.SymbolicTensor;
}

/** As {@link apply}, for nested models with several outputs. */
export function applyAll(layer: tfl.layers.Layer, input: tfl.SymbolicTensor | tfl.SymbolicTensor[]) {
  const outputs = layer.apply(input);
  return (Array.isArray(outputs) ? outputs : [outputs]) as tfl.SymbolicTensor[];
}

/** What the model answers, as a list. */
export function predict(model: tfl.LayersModel, inputs: readonly tf.Tensor[]): tf.Tensor[] {
  const outputs = model.predict(inputs.length === 1 ? at(inputs, 0) : [...inputs]);
  return Array.isArray(outputs) ? outputs : [outputs];
}

/** The numbers of a tensor. */
export async function numbers(tensor: tf.Tensor): Promise<number[]> {
  return [...(await tensor.data())];
}

/** The sum of a tensor, added up in double precision. */
export async function total(tensor: tf.Tensor): Promise<number> {
  return (await numbers(tensor)).reduce((sum, value) => sum + value, 0);
}

/** Equal shapes, and elements that differ by no more than `tolerance` times the largest expected magnitude. */
export async function expectClose(actual: tf.Tensor, expected: tf.Tensor, tolerance = 1e-5): Promise<void> {
  expect(actual.shape).toEqual(expected.shape);
  expectNumbersClose(await numbers(actual), await numbers(expected), tolerance);
}

/** As {@link expectClose}, for numbers. */
export function expectNumbersClose(actual: readonly number[], expected: readonly number[], tolerance = 1e-5): void {
  expect(relativeDifference(actual, expected)).toBeLessThanOrEqual(tolerance);
}

/** Largest difference relative to the largest expected magnitude; infinite where NaN meets a number. */
export function relativeDifference(actual: readonly number[], expected: readonly number[]): number {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1e-12, ...expected.map(Math.abs));
  let worst = 0;
  for (const [index, value] of expected.entries()) {
    const difference = Math.abs(at(actual, index) - value);
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    worst = Math.max(worst, difference);
  }
  return worst / scale;
}

/** Equal to the bit. */
export async function expectSame(actual: tf.Tensor, expected: tf.Tensor): Promise<void> {
  expect(actual.shape).toEqual(expected.shape);
  expect(await numbers(actual)).toEqual(await numbers(expected));
}

/** All numbers of an explanation that the ledger does not hold, by place. */
export async function readings(explanation: Explanation): Promise<Record<string, number[]>> {
  const read: Record<string, number[]> = {};
  for (const input of explanation.inputs) read[`input ${input.name}`] = await numbers(input.relevance);
  for (const output of explanation.outputs) read[`output ${output.name}`] = await numbers(output.value);
  for (const layer of Object.values(explanation.layers)) {
    for (const [index, tensor] of layer.inputs.entries()) read[`${layer.address} in ${index}`] = await numbers(tensor);
    for (const [index, tensor] of layer.outputs.entries())
      read[`${layer.address} out ${index}`] = await numbers(tensor);
  }
  read.scores = await numbers(explanation.target.scores);
  read.weights = await numbers(explanation.target.weights);
  read.start = await numbers(explanation.target.relevance);
  return read;
}

/** Runs in a tidy. To the compiler an object with methods is no container of tensors; a tidy finds them all the same. */
export function tidied<T>(run: () => T): T {
  return tf.tidy(run as () => never);
}

/** Number of tensors alive. */
export function tensorCount(): number {
  return tf.memory().numTensors;
}

/** The error that `run` throws or rejects with, after checking that no tensor was left behind. */
export async function errorOf(run: () => unknown): Promise<Error> {
  const before = tensorCount();
  let caught: unknown;
  try {
    await run();
  } catch (error) {
    caught = error;
  }
  expect(tensorCount()).toBe(before);
  if (!(caught instanceof Error)) throw new Error('expected an error, but nothing was thrown');
  return caught;
}

/** Element of a list whose length the caller vouches for. */
export function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`nothing at position ${index} of ${list.length}`);
  return value;
}
