// Runs a model by its steps and compares with the model itself.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import { trace } from '../../src/graph/trace.js';
import { defaultRegistry } from '../../src/layers/default-registry.js';
import { type Lowered, lower } from '../../src/plan/lower.js';
import type { EdgeId, StepNode } from '../../src/steps/graph.js';
import { runStep } from '../../src/steps/run.js';
import { DerivedTensors } from '../../src/tensors/derived.js';
import { onCpu } from '../on-cpu.js';
import { StepChecks } from '../steps/check-step.js';

/** Numbers between -1 and 1 that are the same on every run. */
export function random(seed: number): () => number {
  let state = seed * 2654435761 + 12345;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 2246822519) + 3266489917) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  };
}

/** A float tensor of random numbers between `-scale` and `scale`. */
export function randomTensor(shape: readonly number[], seed = 1, scale = 1): tf.Tensor {
  const next = random(seed);
  const size = shape.reduce((product, n) => product * n, 1);
  return tf.tensor(
    Float32Array.from({ length: size }, () => next() * scale),
    [...shape],
  );
}

/** Gives a layer or model random weights; variances are positive. */
export function randomizeWeights(layer: tfl.layers.Layer, seed = 7): void {
  tf.tidy(() => {
    const values = layer.weights.map((weight, index) => {
      const value = randomTensor(weight.shape.map(Number), seed + index);
      return /variance/.test(weight.originalName) ? tf.add(tf.abs(value), 0.1) : value;
    });
    layer.setWeights(values);
  });
}

/** A model of one layer, for inputs of the given shapes (without batch). */
export function modelOf(
  layer: tfl.layers.Layer,
  shapes: readonly (readonly (number | null)[])[],
  dtype: tf.DataType = 'float32',
): tfl.LayersModel {
  const inputs = shapes.map((shape) => tfl.input({ shape: [...shape], dtype }));
  const [only] = inputs;
  const output = layer.apply(inputs.length === 1 && only ? only : inputs) as tfl.SymbolicTensor;
  return tfl.model({ inputs, outputs: output });
}

/** What the layer's steps are; fails where the plan complains. */
export function lowered(model: tfl.LayersModel): Lowered {
  const result = lower(trace(model), defaultRegistry);
  expect(result.problems).toEqual([]);
  return result;
}

/** One step as it ran. The tensors are kept until `run` is over. */
export interface Ran {
  readonly node: StepNode;
  readonly xs: readonly tf.Tensor[];
  readonly y: tf.Tensor;
  readonly derived: DerivedTensors;
}

/** Runs all steps and shows each to `see`. Answers the outputs, which are the caller's. */
export function runSteps(
  { graph }: Lowered,
  inputs: readonly tf.Tensor[],
  see: (ran: Ran) => void = () => {},
): tf.Tensor[] {
  const derived = new DerivedTensors();
  try {
    return tf.tidy(() => {
      const values = new Map<EdgeId, tf.Tensor>();
      graph.inputs.forEach((edge, index) => {
        values.set(edge, at(inputs, index));
      });
      for (const node of graph.nodes) {
        const xs = node.inputs.map((edge) => get(values, edge));
        const y = runStep(node.step, xs, derived);
        values.set(node.output, y);
        see({ node, xs, y, derived });
      }
      // An input that goes out unchanged stays the caller's.
      return graph.outputs.map((edge) => tf.clone(get(values, edge)));
    });
  } finally {
    derived.dispose();
  }
}

/** What a layer or model answers on the cpu backend, where tfjs' own kernel is wrong on another one. */
export async function applyOnCpu(layer: tfl.layers.Layer, x: tf.Tensor): Promise<tf.Tensor> {
  // One tensor in, one tensor out.
  return onCpu(() => tf.tidy(() => layer.apply(x) as tf.Tensor), layer, x);
}

/** What a model answers on the cpu backend, as a list. */
export async function predictOnCpu(model: tfl.LayersModel, inputs: readonly tf.Tensor[]): Promise<tf.Tensor[]> {
  return onCpu(() => predict(model, inputs), model, ...inputs);
}

export interface ReproduceOptions {
  /** Largest difference, relative to the largest output. Default 1e-5. */
  readonly tolerance?: number;
  /** Leave the weights as they are. */
  readonly keepWeights?: boolean;
  /** What the model should answer; default: what it does answer on this backend. */
  readonly expected?: readonly tf.Tensor[] | 'as on cpu';
}

/**
 * The steps of a model give what the model gives, keep their promises, and leave no tensor behind.
 *
 * @returns The names of the steps, masks left out: they carry no relevance.
 */
export async function stepsReproduce(
  model: tfl.LayersModel,
  inputs: readonly tf.Tensor[],
  options: ReproduceOptions = {},
): Promise<string[]> {
  if (!options.keepWeights) randomizeWeights(model);
  const expected =
    options.expected === 'as on cpu' ? await predictOnCpu(model, inputs) : (options.expected ?? predict(model, inputs));
  const before = tf.memory().numTensors;
  const plan = lowered(model);
  const outputs = runSteps(plan, inputs);
  expect(tf.memory().numTensors).toBe(before + outputs.length);
  const checks = new StepChecks();
  const again = runSteps(plan, inputs, ({ node, xs, y, derived }) => {
    if (node.address.role !== 'mask') checks.check(node.step, xs, y, derived);
  });
  await checks.read();
  tf.dispose(again);
  expect(tf.memory().numTensors).toBe(before + outputs.length);
  expect(outputs.map((y) => y.shape)).toEqual(expected.map((y) => y.shape));
  for (const [index, y] of outputs.entries()) {
    await expectClose(y, at(expected, index), options.tolerance ?? 1e-5);
  }
  tf.dispose([...outputs, ...expected, ...inputs]);
  return plan.graph.nodes.filter((node) => node.address.role !== 'mask').map((node) => node.step.name);
}

/** What the model answers, as a list. */
export function predict(model: tfl.LayersModel, inputs: readonly tf.Tensor[]): tf.Tensor[] {
  // Not `predict`, which goes batch by batch and needs the shapes that a few layers state wrongly.
  const y = tf.tidy(() => model.apply(inputs.length === 1 ? at(inputs, 0) : [...inputs]) as tf.Tensor | tf.Tensor[]);
  return (Array.isArray(y) ? y : [y]).map((tensor) => tf.tidy(() => tf.clone(tensor)));
}

/** Elements differ by no more than `tolerance` times the largest expected magnitude (at least 1e-3). */
export async function expectClose(actual: tf.Tensor, expected: tf.Tensor, tolerance: number): Promise<void> {
  const [a, b] = [await actual.data(), await expected.data()];
  expect(a.length).toBe(b.length);
  let [scale, worst] = [1e-3, 0];
  for (let i = 0; i < b.length; i++) {
    scale = Math.max(scale, Math.abs(Number(b[i])));
    const difference = Math.abs(Number(a[i]) - Number(b[i]));
    // NaN differs from everything but NaN.
    if (difference > worst || Number.isNaN(difference)) worst = difference;
  }
  expect(worst / scale).toBeLessThanOrEqual(tolerance);
}

/** Element of a list whose length the caller vouches for. */
export function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new Error(`nothing at position ${index}`);
  return value;
}

function get(values: ReadonlyMap<EdgeId, tf.Tensor>, edge: EdgeId): tf.Tensor {
  const value = values.get(edge);
  if (!value) throw new Error(`edge ${edge} has no value`);
  return value;
}
