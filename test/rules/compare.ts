// Explains models of one linear layer and compares each element of the relevance with the literal loops.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect } from 'vitest';
import { type BiasMode, explain, type LinearRule } from '../../src/index.js';
import { at, random } from '../layers/reproduce.js';
import {
  convConnections,
  denseConnections,
  type LiteralOptions,
  type LiteralRule,
  shareLiterally,
  type UnitConnections,
} from './literal.js';

/**
 * Multiples of 1/8. Sums of products of such numbers are exact in float32, so denominators are exactly what the loops
 * find, zeros included, and what is left to differ is the rounding of a few quotients.
 */
export function grid(seed: number, size: number, least = -2, most = 2): number[] {
  const next = random(seed);
  return Array.from({ length: size }, () => Math.round((least + ((next() + 1) / 2) * (most - least)) * 8) / 8 + 0);
}

/** A model of one linear layer, and its connections. */
export interface LayerCase {
  readonly name: string;
  /** Shape of a sample. */
  readonly shape: readonly number[];
  readonly model: tfl.LayersModel;
  readonly units: readonly UnitConnections[];
  readonly hasBias: boolean;
}

/** The first output is dead (no weight, no bias), the second has only negative weights. */
function kernelOf(seed: number, inputs: number, outputs: number): number[] {
  return grid(seed, inputs * outputs).map((w, index) => {
    if (index % outputs === 0) return 0;
    return index % outputs === 1 ? -Math.abs(w) : w;
  });
}

const biasOf = (seed: number, outputs: number) => grid(seed, outputs).map((b, index) => (index === 0 ? 0 : b));

function denseCase(useBias: boolean, positions?: number): LayerCase {
  const [features, outputs] = [6, 5];
  const kernel = kernelOf(3, features, outputs);
  const bias = useBias ? biasOf(4, outputs) : null;
  const shape = positions === undefined ? [features] : [positions, features];
  const weights = [tf.tensor2d(kernel, [features, outputs]), ...(bias ? [tf.tensor1d(bias)] : [])];
  const layer = tfl.layers.dense({ units: outputs, useBias, weights, inputShape: shape });
  const rows = Array.from({ length: features }, (_, i) => kernel.slice(i * outputs, (i + 1) * outputs));
  const where = positions === undefined ? '' : ` on ${positions} positions`;
  return {
    name: `dense${where}${useBias ? '' : ', no bias'}`,
    shape,
    model: tfl.sequential({ layers: [layer] }),
    units: denseConnections(rows, bias, positions),
    hasBias: useBias,
  };
}

interface ConvCase {
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padding: 'same' | 'valid';
  readonly useBias: boolean;
}

function convCase({ size, stride, dilation, padding, useBias }: ConvCase): LayerCase {
  const [height, width, channels, filters] = [6, 5, 2, 4];
  const kernel = kernelOf(5 + size + stride + dilation, size * size * channels, filters);
  const bias = useBias ? biasOf(6, filters) : null;
  const weights = [tf.tensor4d(kernel, [size, size, channels, filters]), ...(bias ? [tf.tensor1d(bias)] : [])];
  const layer = tfl.layers.conv2d({
    filters,
    kernelSize: size,
    strides: stride,
    padding,
    dilationRate: dilation,
    useBias,
    weights,
    inputShape: [height, width, channels],
  });
  const details = [`conv ${size}x${size}`, padding, `stride ${stride}`, `dilation ${dilation}`];
  return {
    name: [...details, ...(useBias ? [] : ['no bias'])].join(', '),
    shape: [height, width, channels],
    model: tfl.sequential({ layers: [layer] }),
    units: convConnections([height, width, channels], size, filters, kernel, bias, { stride, dilation, padding }),
    hasBias: useBias,
  };
}

/** A few layers, for variants of a rule that all layers have been tried with. */
export function fewLayerCases(): LayerCase[] {
  return [
    denseCase(true),
    convCase({ size: 3, stride: 2, dilation: 1, padding: 'same', useBias: true }),
    convCase({ size: 3, stride: 1, dilation: 2, padding: 'same', useBias: true }),
  ];
}

/** Dense and convolutional layers of every geometry. */
export function layerCases(): LayerCase[] {
  return [
    denseCase(true),
    denseCase(false),
    denseCase(true, 3),
    convCase({ size: 3, stride: 1, dilation: 1, padding: 'same', useBias: true }),
    convCase({ size: 3, stride: 2, dilation: 1, padding: 'same', useBias: true }),
    convCase({ size: 3, stride: 2, dilation: 1, padding: 'valid', useBias: false }),
    convCase({ size: 2, stride: 2, dilation: 1, padding: 'same', useBias: true }),
    convCase({ size: 3, stride: 1, dilation: 2, padding: 'same', useBias: true }),
    convCase({ size: 2, stride: 1, dilation: 2, padding: 'valid', useBias: true }),
    convCase({ size: 1, stride: 1, dilation: 1, padding: 'valid', useBias: true }),
  ];
}

/** Bounds of every element of a sample, given the sample. */
export type Bounds = (sample: readonly number[], shape: readonly number[]) => Pick<LiteralOptions, 'low' | 'high'>;

export interface CompareOptions {
  /** Bias modes to try. Default `absorb`, `ignore` and `distribute`. */
  readonly modes?: readonly BiasMode[];
  readonly bounds?: Bounds;
  /** Whether the ledger has to close. Default true. */
  readonly closes?: boolean;
}

/** Explains with every bias mode, and once with inputs that are known to be nonnegative. */
export async function matchesLiteral(
  layer: LayerCase,
  rule: LinearRule,
  literal: LiteralRule,
  { modes = ['absorb', 'ignore', 'distribute'], bounds, closes = true }: CompareOptions = {},
): Promise<void> {
  for (const bias of modes) {
    if (!layer.hasBias && bias === 'ignore') continue;
    for (const proven of bias === 'absorb' ? [false, true] : [false]) {
      const samples = samplesOf(layer, proven);
      const received = samples.map((_, index) => grid(20 + index, layer.units.length));
      const actual = await explainSamples(layer, rule, samples, received, { bias, proven, closes });
      for (const [index, sample] of samples.entries()) {
        const expected = shareLiterally(layer.units, sample, at(received, index), literal, {
          bias,
          ...bounds?.(sample, layer.shape),
        });
        const part = actual.slice(index * sample.length, (index + 1) * sample.length);
        const what = `${bias}, sample ${index}${proven ? ' of nonnegative inputs' : ''}`;
        expectElements(part, expected.values, expected.sizes, what);
      }
    }
  }
}

/** Either sign, none negative, all negative, all zero; or only what `proven` nonnegative inputs can be. */
function samplesOf({ shape }: LayerCase, proven: boolean): number[][] {
  const size = shape.reduce((product, n) => product * n, 1);
  const sparse = grid(11, size).map((value) => Math.max(value, 0));
  const positive = grid(12, size, 0.125, 2);
  const zero = new Array<number>(size).fill(0);
  return proven ? [sparse, positive, zero] : [grid(13, size), sparse, grid(14, size, -2, -0.125), zero];
}

async function explainSamples(
  { model, shape }: LayerCase,
  rule: LinearRule,
  samples: readonly number[][],
  received: readonly number[][],
  { bias, proven, closes }: { bias: BiasMode; proven: boolean; closes: boolean },
): Promise<number[]> {
  const input = tf.tensor(samples.flat(), [samples.length, ...shape]);
  const [, ...output] = model.outputShape as number[]; // one output, so one shape
  const start = tf.tensor(received.flat(), [samples.length, ...output]);
  const explanation = explain(model, input, rule, { start, bias, ...(proven ? { inputRange: [0, 2] } : {}) });
  const ledger = await explanation.conservation();
  if (closes) expect(ledger.verdict, `${bias}: ${ledger}`).toBe('closed');
  const relevance = await numbers(at(explanation.inputs, 0).relevance);
  explanation.dispose();
  tf.dispose([input, start]);
  return relevance;
}

/** Each element is right to 1e-5 of the numbers it is the sum of; what nothing contributes to is exactly zero. */
export function expectElements(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  sizes: ArrayLike<number>,
  what = '',
): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    const [a, e, size] = [Number(actual[i]), Number(expected[i]), Number(sizes[i])];
    // Not `<=` the other way round: NaN has to fail.
    if (!(Math.abs(a - e) <= 1e-5 * size)) expect.fail(`${what}: element ${i} is ${a}, expected ${e} (size ${size})`);
  }
}

/** The values of a tensor; no zero is negative, so that lists can be compared. */
export async function numbers(tensor: tf.Tensor): Promise<number[]> {
  return Array.from(await tensor.data(), (value) => value + 0);
}

/** Relevance at the inputs, flat; the explanation is disposed. */
export async function relevanceOf(...args: Parameters<typeof explain>): Promise<number[]> {
  const explanation = explain(...args);
  const all: number[] = [];
  for (const { relevance } of explanation.inputs) all.push(...(await numbers(relevance)));
  explanation.dispose();
  return all;
}

/** A Dense layer with the given weights, as a model. */
export function denseModel(kernel: number[][], bias: number[] | null = null): tfl.LayersModel {
  const [features, units] = [kernel.length, at(kernel, 0).length];
  const weights = [tf.tensor2d(kernel), ...(bias ? [tf.tensor1d(bias)] : [])];
  return tfl.sequential({
    name: 'model',
    layers: [tfl.layers.dense({ units, useBias: bias !== null, weights, inputShape: [features], name: 'dense' })],
  });
}

/** Equal to 1e-5 of the largest expected number. */
export function expectNumbers(actual: readonly number[], expected: readonly number[]): void {
  const size = Math.max(...expected.map(Math.abs));
  expectElements(
    actual,
    expected,
    expected.map(() => size),
  );
}
