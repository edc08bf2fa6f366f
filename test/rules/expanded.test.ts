// Rules on convolutions of every kind, each read off as a matrix: what a layer answers to one input element at a time.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, test } from 'vitest';
import { alphaBeta, epsilon, flat, gamma, type LinearRule, wSquare, zBox, zPlus } from '../../src/index.js';
import { at, modelOf } from '../layers/reproduce.js';
import { onCpu } from '../on-cpu.js';
import { ALL_RUN } from '../runs.js';
import { type Bounds, type CompareOptions, grid, type LayerCase, matchesLiteral } from './compare.js';
import {
  alphaBetaLiteral,
  epsilonLiteral,
  flatLiteral,
  gammaLiteral,
  type LiteralRule,
  type UnitConnections,
  wSquareLiteral,
  zBoxLiteral,
} from './literal.js';

const { layers } = tfl;

const LAYERS: [string, () => tfl.layers.Layer, number[]][] = [
  ['Conv1D', () => layers.conv1d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }), [6, 2]],
  ['Conv2D, channels first', () => layers.conv2d({ filters: 3, kernelSize: [3, 2], strides: 2, padding: 'same', dataFormat: 'channelsFirst' }), [2, 5, 4]],
  ['Conv3D', () => layers.conv3d({ filters: 2, kernelSize: [2, 3, 2], strides: [1, 2, 1], padding: 'same' }), [3, 4, 3, 2]],
  ['Conv3D, dilated', () => layers.conv3d({ filters: 2, kernelSize: 2, dilationRate: [1, 2, 2], useBias: false }), [3, 4, 4, 1]],
  ['DepthwiseConv2D', () => layers.depthwiseConv2d({ kernelSize: 3, strides: 2, depthMultiplier: 2, padding: 'same' }), [5, 4, 2]],
  ['DepthwiseConv2D, channels first', () => layers.depthwiseConv2d({ kernelSize: [2, 3], dataFormat: 'channelsFirst' }), [2, 4, 4]],
  ['Conv2DTranspose', () => layers.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' }), [3, 4, 2]],
  ['Conv2DTranspose with gaps', () => layers.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 3, padding: 'valid' }), [2, 3, 2]],
  ['Conv2DTranspose, channels first', () => layers.conv2dTranspose({ filters: 2, kernelSize: [3, 2], strides: [1, 2], dataFormat: 'channelsFirst' }), [2, 3, 3]],
  ['Conv3DTranspose', () => layers.conv3dTranspose({ filters: 2, kernelSize: 2, strides: [1, 2, 2], padding: 'valid' }), [2, 3, 2, 2]],
]; // biome-ignore format: one layer per line

const box: Bounds = (sample) => ({ low: sample.map(() => -2.5), high: sample.map(() => 2.5) });

const RULES: [string, LinearRule, LiteralRule, CompareOptions?][] = [
  ['epsilon', epsilon(0.25), epsilonLiteral(0.25)],
  ['epsilon, relative', epsilon(0.25, { mode: 'relative' }), epsilonLiteral(0.25, 'relative')],
  ['gamma', gamma(0.5), gammaLiteral(0.5)],
  ['alpha-beta', alphaBeta(2, 1), alphaBetaLiteral(2, 1)],
  ['z-plus', zPlus(), alphaBetaLiteral(1, 0)],
  ['w-square', wSquare(), wSquareLiteral()],
  ['flat', flat(), flatLiteral()],
  ['z-box', zBox({ low: -2.5, high: 2.5 }), zBoxLiteral(), { bounds: box }],
]; // biome-ignore format: one rule per line

/** The connections of a layer: where there are any with all weights 1, and their weights and biases as they are. */
async function expanded(name: string, layer: tfl.layers.Layer, shape: number[]): Promise<LayerCase> {
  const model = modelOf(layer, [shape]);
  const weights = model.getWeights().map(({ shape: own, size }, index) => tf.tensor(grid(40 + index, size), own));
  const reach = await answers(
    model,
    shape,
    weights.map((weight) => tf.onesLike(weight)),
  );
  const kernels = await answers(model, shape, weights);
  const hasBias = weights.length === 2;
  const units = reach.none.map((_, j): UnitConnections => {
    const inputs = reach.each.flatMap((row, i) => (at(row, j) === at(reach.none, j) ? [] : [i]));
    const bias = at(kernels.none, j);
    return { bias, inputs, weights: inputs.map((i) => at(at(kernels.each, i), j) - bias) };
  });
  tf.dispose(weights);
  return { name, shape, model, units, hasBias };
}

/** What a model with these weights answers to nothing, and to each input element alone. */
async function answers(model: tfl.LayersModel, shape: readonly number[], weights: readonly tf.Tensor[]) {
  model.setWeights([...weights]);
  const size = shape.reduce((product, n) => product * n, 1);
  return onCpu(async () => {
    const x = tf.tidy(() => tf.reshape(tf.concat([tf.zeros([1, size]), tf.eye(size)]), [size + 1, ...shape]));
    const y = tf.tidy(() => tf.reshape(model.predict(x, { batchSize: size + 1 }) as tf.Tensor, [size + 1, -1]));
    const [none = [], ...each] = (await y.array()) as number[][];
    tf.dispose([x, y]);
    return { none, each };
  }, model);
}

/** In a browser, where every shape has its shaders compiled, two that ask for kernels by sign and for kernels of ones. */
const TRIED = ALL_RUN ? RULES : RULES.filter(([name]) => name === 'alpha-beta' || name === 'flat');

describe.each(LAYERS)('%s', (name, make, shape) => {
  test.each(TRIED)('%s', async (_rule, rule, literal, options) => {
    await matchesLiteral(await expanded(name, make(), shape), rule, literal, options);
  });
});
