import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { PlanError, plan } from '../../src/index.js';
import { stepsReproduce } from '../layers/reproduce.js';
import { inputsOf, KINDS, recurrent } from './models.js';

/** The layer at every time step of an input of the given shape, without batch. */
async function reproduces(layer: tfl.layers.Layer, inputShape: number[]): Promise<string[]> {
  const model = tfl.sequential({ layers: [tfl.layers.timeDistributed({ layer, inputShape })] });
  const names = await stepsReproduce(model, inputsOf(model));
  model.dispose();
  return names;
}

test.each([
  ['dense', () => tfl.layers.dense({ units: 2, activation: 'relu' }), [3, 4]],
  ['dense over pictures', () => tfl.layers.dense({ units: 2, activation: 'softmax' }), [3, 2, 4]],
  ['conv2d', () => tfl.layers.conv2d({ filters: 2, kernelSize: 3, padding: 'same' }), [3, 5, 4, 2]],
  ['separable conv', () => tfl.layers.separableConv2d({ filters: 2, kernelSize: 3 }), [2, 5, 5, 2]],
  ['max pooling', () => tfl.layers.maxPooling2d({ poolSize: 2 }), [3, 4, 4, 2]],
  ['batch normalization', () => tfl.layers.batchNormalization({}), [3, 4]],
  ['layer normalization', () => tfl.layers.layerNormalization({}), [3, 4]],
  ['flatten', () => tfl.layers.flatten(), [3, 4, 2]],
  ['dropout', () => tfl.layers.dropout({ rate: 0.5 }), [3, 4]],
  ['softmax', () => tfl.layers.softmax(), [3, 4]],
] as const)('%s', async (_name, make, shape) => {
  expect(await reproduces(make(), [...shape])).toEqual(['each time step', 'all time steps']);
});

test.each(KINDS)('%s inside, with and without its sequence', async (kind) => {
  await reproduces(recurrent(kind, { units: 2 }), [3, 4, 2]);
  await reproduces(recurrent(kind, { units: 2, returnSequences: true, goBackwards: true }), [3, 4, 2]);
});

test('one inside the other', async () => {
  await reproduces(tfl.layers.timeDistributed({ layer: tfl.layers.dense({ units: 2 }) }), [2, 3, 4]);
});

test('a sequential model and a functional one with a branch', async () => {
  const sequential = tfl.sequential({
    layers: [
      tfl.layers.conv2d({ filters: 2, kernelSize: 3, activation: 'relu', inputShape: [5, 5, 1] }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 3 }),
    ],
  });
  await reproduces(sequential, [3, 5, 5, 1]);
  const input = tfl.input({ shape: [4] });
  // One input gives one tensor.
  const hidden = tfl.layers.dense({ units: 4, activation: 'tanh' }).apply(input) as tfl.SymbolicTensor;
  const sum = tfl.layers.add().apply([input, hidden]) as tfl.SymbolicTensor;
  await reproduces(tfl.model({ inputs: input, outputs: sum }), [3, 4]);
});

test('a layer shared with the outside', async () => {
  const shared = tfl.layers.dense({ units: 3 });
  const input = tfl.input({ shape: [2, 3] });
  const y = tfl.layers.timeDistributed({ layer: shared }).apply(input) as tfl.SymbolicTensor;
  const z = tfl.layers.dense({ units: 2 }).apply(shared.apply(y)) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs: z });
  await stepsReproduce(model, inputsOf(model));
  // Not `model.dispose()`: tfjs would end the shared weights twice.
  tf.dispose(shared.weights.map((weight) => weight.read()));
});

test('refuses what is stateful, and what has no fixed size', () => {
  const layer = tfl.layers.lstm({ units: 2, stateful: true, recurrentInitializer: 'glorotNormal' });
  const stateful = tfl.sequential({
    layers: [tfl.layers.timeDistributed({ layer, batchInputShape: [1, 3, 4, 2], name: 'each' })],
  });
  expect(() => plan(stateful)).toThrow(PlanError);
  expect(() => plan(stateful)).toThrow(/"each".*is stateful/);
  const conv = tfl.layers.conv2d({ filters: 2, kernelSize: 3 });
  const open = tfl.sequential({
    layers: [tfl.layers.timeDistributed({ layer: conv, inputShape: [3, null, null, 1], name: 'each' })],
  });
  expect(() => plan(open)).toThrow(/"each".*no fixed size. Give its model input a full shape/);
  for (const model of [stateful, open]) model.dispose();
});
