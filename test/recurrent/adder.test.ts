// An LSTM set by hand to add up the numbers on its first channel.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { epsilon, explain, halfSplit, proportionalSplit, signalTakeAll, uniformSplit } from '../../src/index.js';
import { numbers, setWeights, total } from '../explanation/tools.js';
import { at } from '../layers/reproduce.js';
import { recurrent } from './models.js';

/** Small enough that tanh is nearly the identity. */
const SCALE = 0.01;
const OPEN = 20;

/** One unit, all gates open, `c' = c + tanh(s x_0)`, read out as `h / s`. */
function adder(times: number): tfl.LayersModel {
  const layer = recurrent('lstm', {
    units: 1,
    recurrentActivation: 'sigmoid',
    inputShape: [times, 2],
    name: 'memory',
  });
  const out = tfl.layers.dense({ units: 1, useBias: false, name: 'out' });
  const model = tfl.sequential({ layers: [layer, out] });
  const kernel = [
    [0, 0, SCALE, 0],
    [0, 0, 0, 0],
  ];
  setWeights(layer, kernel, [[0, 0, 0, 0]], [OPEN, OPEN, 0, OPEN]);
  setWeights(out, [[1 / SCALE]]);
  return model;
}

/** Numbers on channel 0 where marked, on channel 1 elsewhere. */
const VALUES = [0.3, 0.9, -0.4, 0.7, 0.2, 0.8, 0.6, 0.1];
const MARKED = [1, 4];
const input = () => tf.tensor3d([VALUES.map((value, time) => (MARKED.includes(time) ? [value, 0] : [0, value]))]);

test('each marked step earns its number, the others exactly nothing', async () => {
  const model = adder(VALUES.length);
  const x = input();
  // By name, so that the sums inside take it too: each of many steps would keep its share of a larger one.
  const rule = epsilon(1e-9);
  const explanation = explain(model, x, { memory: rule, out: rule });
  const perStep = await numbers(tf.tidy(() => tf.sum(at(explanation.inputs, 0).relevance, 2)));
  for (const [time, value] of VALUES.entries()) {
    if (MARKED.includes(time)) expect(Math.abs(at(perStep, time) - value)).toBeLessThan(5e-4);
    else expect(at(perStep, time)).toBe(0);
  }
  for (const disposable of [explanation, model, x]) disposable.dispose();
});

test.each([
  // Gates are 1 and signals are small: half and uniform leave a half at each of the products on the way.
  ['signal take all', signalTakeAll(), 1],
  ['half', halfSplit(), 0.25],
  ['uniform', uniformSplit(), 0.25],
] as const)('%s on the gates of one layer', async (_name, rule, share) => {
  const model = adder(1);
  const x = tf.tensor3d([[[0.5, 0]]]);
  // One time step: the signal passes the input gate and the output gate.
  const explanation = explain(model, x, { memory: rule });
  expect(await total(at(explanation.inputs, 0).relevance)).toBeCloseTo(0.5 * share, 3);
  for (const disposable of [explanation, model, x]) disposable.dispose();
});

test('in proportion to magnitude, open gates earn nearly all', async () => {
  const model = adder(1);
  const x = tf.tensor3d([[[0.5, 0]]]);
  const explanation = explain(model, x, { memory: proportionalSplit() });
  // At either product the signal's 0.005 stands against the gate's 1.
  expect(await total(at(explanation.inputs, 0).relevance)).toBeCloseTo(0.5 * (0.005 / 1.005) ** 2, 6);
  for (const disposable of [explanation, model, x]) disposable.dispose();
});
