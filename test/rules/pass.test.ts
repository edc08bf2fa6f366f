import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import {
  composite,
  defaultRegistry,
  derivative,
  elementwise,
  explain,
  move,
  pass,
  plan,
  type Rule,
  stop,
} from '../../src/index.js';
import { at, modelOf, randomizeWeights, randomTensor } from '../layers/reproduce.js';
import { denseModel, expectNumbers, grid, relevanceOf } from './compare.js';

const everywhere = (rule: Rule) => composite('everywhere', [{ match: {}, rule }]);

describe('pass', () => {
  test.each(['relu', 'tanh', 'sigmoid', 'softplus'] as const)('%s', async (activation) => {
    const model = modelOf(tfl.layers.activation({ activation }), [[4]]);
    const received = [1, -2, 0, 3];
    // The sigmoid stays in the graph, so that there is something to pass through.
    const options = { start: tf.tensor2d([received]), canonize: { links: false } };
    expect(await relevanceOf(model, tf.tensor2d([[-1, 0, 2, 5]]), everywhere(pass()), options)).toEqual(received);
  });

  test('batch normalization left unmerged', async () => {
    const model = modelOf(tfl.layers.batchNormalization(), [[3]]);
    randomizeWeights(model);
    const start = tf.tensor2d([[1, -2, 3]]);
    expect(await relevanceOf(model, tf.tensor2d([[5, 6, 7]]), undefined, { start })).toEqual([1, -2, 3]);
  });

  test('cannot serve a layer that mixes its inputs', () => {
    const rules = { dense: pass() };
    expect(() => plan(denseModel([[1], [2]]), rules)).toThrowErrorMatchingInlineSnapshot(`
      [PlanError: The model cannot be explained as asked (1 problem):
        1. Rule pass serves elementwise, linear, softmax, normalize steps and cannot serve dense: its outputs are not its inputs one by one, so relevance cannot pass unchanged. Choose a rule for these steps, or match other layers.]
    `);
  });
});

describe('move', () => {
  const image = (layer: tfl.layers.Layer) => modelOf(layer, [[3, 4, 2]]);
  const position = (y: number, x: number, channel: number, width: number) => (y * width + x) * 2 + channel;

  test('what falls on padding is dropped and booked', async () => {
    const padding: [[number, number], [number, number]] = [
      [1, 0],
      [2, 1],
    ];
    const received = grid(1, 4 * 7 * 2);
    const expected: number[] = [];
    let lost = received.reduce((sum, r) => sum + r, 0);
    for (let y = 0; y < 3; y++) {
      for (let x = 0; x < 4; x++) {
        for (let channel = 0; channel < 2; channel++) {
          const r = at(received, position(y + 1, x + 2, channel, 7));
          expected.push(r);
          lost -= r;
        }
      }
    }
    const start = tf.tensor(received, [1, 4, 7, 2]);
    const model = image(tfl.layers.zeroPadding2d({ padding }));
    const explanation = explain(model, randomTensor([1, 3, 4, 2]), undefined, { start });
    expect([...(await at(explanation.inputs, 0).relevance.data())]).toEqual(expected);
    expect((await explanation.conservation()).rows[0]?.padding).toBeCloseTo(lost, 5);
    explanation.dispose();
  });

  test('what was cropped away gets nothing', async () => {
    const cropping: [[number, number], [number, number]] = [
      [1, 0],
      [1, 2],
    ];
    const received = grid(2, 2 * 1 * 2);
    const expected = new Array<number>(24).fill(0);
    for (let y = 0; y < 2; y++) {
      for (let channel = 0; channel < 2; channel++) {
        expected[position(y + 1, 1, channel, 4)] = at(received, position(y, 0, channel, 1));
      }
    }
    const start = tf.tensor(received, [1, 2, 1, 2]);
    const model = image(tfl.layers.cropping2D({ cropping }));
    expect(await relevanceOf(model, randomTensor([1, 3, 4, 2]), undefined, { start })).toEqual(expected);
  });

  test('copies add up', async () => {
    const received = grid(3, 6 * 8 * 2);
    const expected = new Array<number>(24).fill(0);
    for (let y = 0; y < 6; y++) {
      for (let x = 0; x < 8; x++) {
        for (let channel = 0; channel < 2; channel++) {
          const source = position(Math.floor(y / 2), Math.floor(x / 2), channel, 4);
          expected[source] = at(expected, source) + at(received, position(y, x, channel, 8));
        }
      }
    }
    const start = tf.tensor(received, [1, 6, 8, 2]);
    const model = image(tfl.layers.upSampling2d({ size: [2, 2] }));
    expectNumbers(await relevanceOf(model, randomTensor([1, 3, 4, 2]), undefined, { start }), expected);
  });

  test('permuting, repeating and joining', async () => {
    const permute = modelOf(tfl.layers.permute({ dims: [2, 1] }), [[2, 3]]);
    // Output [3, 2] holds 0 1 / 2 3 / 4 5; input row 0 is its first column.
    const turned = tf.tensor3d([0, 1, 2, 3, 4, 5], [1, 3, 2]);
    const x = randomTensor([1, 2, 3]);
    expect(await relevanceOf(permute, x, undefined, { start: turned })).toEqual([0, 2, 4, 1, 3, 5]);

    const repeat = modelOf(tfl.layers.repeatVector({ n: 3 }), [[2]]);
    // Rows (0, 1), (2, 3), (4, 5): 0 + 2 + 4 and 1 + 3 + 5.
    expect(await relevanceOf(repeat, tf.tensor2d([[7, 8]]), undefined, { start: turned })).toEqual([6, 9]);

    const join = modelOf(tfl.layers.concatenate(), [[1], [2]]);
    const start = tf.tensor2d([[1, 2, 3]]);
    const parts = [tf.tensor2d([[5]]), tf.tensor2d([[6, 7]])];
    expect(await relevanceOf(join, parts, undefined, { start })).toEqual([1, 2, 3]);
  });

  test('cannot serve a step that computes', () => {
    expect(() => plan(denseModel([[1], [2]]), { dense: move() })).toThrowErrorMatchingInlineSnapshot(`
      [PlanError: The model cannot be explained as asked (1 problem):
        1. Rule move serves relabel steps and cannot serve dense: "dense" is a linear step. Choose a rule for these steps, or match other layers.]
    `);
  });
});

describe('stop', () => {
  test.each([
    ['a linear step', () => denseModel([[1], [2]])],
    ['an activation', () => modelOf(tfl.layers.activation({ activation: 'tanh' }), [[1]])],
    ['a step that moves elements', () => modelOf(tfl.layers.reshape({ targetShape: [1, 1] }), [[1]])],
  ])('%s', async (_name, make) => {
    const model = make();
    const x = tf.ones([1, at(model.inputs, 0).shape[1] ?? 1]);
    const explanation = explain(model, x, everywhere(stop()));
    const values = [...(await at(explanation.inputs, 0).relevance.data())];
    expect(values).toEqual(values.map(() => 0));
    const ledger = await explanation.conservation();
    expect(ledger.rows[0]?.stopped).toBeCloseTo(ledger.started, 5);
    expect(ledger.verdict).toBe('closed');
    explanation.dispose();
  });
});

describe('derivative', () => {
  const slopes: Record<'relu' | 'tanh' | 'sigmoid' | 'softplus' | 'elu' | 'softsign', (x: number) => number> = {
    relu: (x) => (x > 0 ? 1 : 0),
    tanh: (x) => 1 - Math.tanh(x) ** 2,
    sigmoid: (x) => Math.exp(-x) / (1 + Math.exp(-x)) ** 2,
    softplus: (x) => 1 / (1 + Math.exp(-x)),
    elu: (x) => (x > 0 ? 1 : Math.exp(x)),
    softsign: (x) => 1 / (1 + Math.abs(x)) ** 2,
  };
  test.each(Object.entries(slopes))('%s', async (activation, slope) => {
    const x = [-2, -0.5, 0.25, 1, 3];
    const received = [1, -2, 3, -4, 5];
    // A record's keys are text to the compiler; these are names of activations.
    const layer = tfl.layers.activation({ activation: activation as 'relu' });
    const options = { start: tf.tensor2d([received]), canonize: { links: false } };
    const explanation = explain(modelOf(layer, [[5]]), tf.tensor2d([x]), everywhere(derivative()), options);
    const expected = received.map((r, index) => r * slope(at(x, index)));
    expectNumbers([...(await at(explanation.inputs, 0).relevance.data())], expected);
    expect((await explanation.conservation()).verdict).toBe('closed');
    explanation.dispose();
  });

  test('cannot serve an activation whose derivative nobody gave', () => {
    const registry = defaultRegistry.with('Activation', (_call, to) =>
      to.output(
        to.add(
          elementwise('cube', (x) => tf.pow(x, 3)),
          to.inputs,
        ),
      ),
    );
    const layer = tfl.layers.activation({ activation: 'relu', name: 'cube' });
    expect(() => plan(modelOf(layer, [[2]]), { cube: derivative() }, { registry })).toThrowErrorMatchingInlineSnapshot(`
      [PlanError: The model cannot be explained as asked (1 problem):
        1. Rule derivative serves elementwise steps and cannot serve cube: the derivative of "cube" is not known. Choose a rule for these steps, or match other layers.]
    `);
  });
});
