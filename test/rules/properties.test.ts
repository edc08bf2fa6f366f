// What theory says of the rules, on small networks with random weights.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import {
  alphaBeta,
  type Composite,
  composite,
  epsilon,
  explain,
  flat,
  gamma,
  type Rule,
  wSquare,
  zBox,
  zero,
  zPlus,
} from '../../src/index.js';
import { at, randomizeWeights, randomTensor } from '../layers/reproduce.js';
import { onCpu } from '../on-cpu.js';
import { expectNumbers, numbers, relevanceOf } from './compare.js';

function denseNet(useBias: boolean): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 16, useBias, activation: 'relu', inputShape: [10] }),
      tfl.layers.dense({ units: 12, useBias, activation: 'relu' }),
      tfl.layers.dense({ units: 4, useBias }),
    ],
  });
}

function convNet(useBias: boolean): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      tfl.layers.conv2d({
        filters: 6,
        kernelSize: 3,
        useBias,
        padding: 'same',
        activation: 'relu',
        inputShape: [8, 8, 2],
      }),
      tfl.layers.maxPooling2d({ poolSize: 2 }),
      tfl.layers.conv2d({ filters: 5, kernelSize: 3, strides: 2, useBias }),
      tfl.layers.reLU(),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 4, useBias }),
    ],
  });
}

const NETS: [string, (useBias: boolean) => tfl.LayersModel, number[]][] = [
  ['dense', denseNet, [3, 10]],
  ['convolutional', convNet, [2, 8, 8, 2]],
];

function everywhere(rule: Rule): Composite {
  return composite('everywhere', [
    { match: { weighted: true }, rule },
    { match: { weighted: false }, rule, optional: true },
  ]);
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

describe.each(NETS)('%s net', (_name, make, shape) => {
  test('LRP-0 is gradient times input where nothing has a bias', async () => {
    const model = make(false);
    randomizeWeights(model);
    const x = randomTensor(shape, 3);
    const target = 2;
    const actual = await relevanceOf(model, x, everywhere(zero()), { target });
    const expected = await onCpu(
      async () => {
        const score = (input: tf.Tensor) => tf.sum(tf.slice(model.apply(input) as tf.Tensor, [0, target], [-1, 1]));
        return numbers(tf.tidy(() => tf.mul(x, tf.grad(score)(x))));
      },
      x,
      model,
    );
    expectNumbers(actual, expected);
  });

  test('epsilon towards 0 is LRP-0', async () => {
    const model = make(true);
    randomizeWeights(model);
    const x = randomTensor(shape, 4);
    const limit = await relevanceOf(model, x, everywhere(zero()));
    const far = await relevanceOf(model, x, everywhere(epsilon(0.1)));
    const near = await relevanceOf(model, x, everywhere(epsilon(1e-9)));
    expectNumbers(near, limit);
    expect(() => expectNumbers(far, limit)).toThrow();
  });

  test('z-plus is alpha 1, beta 0, to the last bit', async () => {
    const model = make(true);
    randomizeWeights(model);
    const x = randomTensor(shape, 5);
    const [a, b] = [await relevanceOf(model, x, zPlus()), await relevanceOf(model, x, alphaBeta(1, 0))];
    expect(a).toEqual(b);
    expect(a.some((value) => value > 0)).toBe(true);
  });

  test.each<[string, Rule, boolean]>([
    // Without biases nothing but the stabilizer takes anything, and that is none here.
    ['zero', zero(), false],
    ['gamma', gamma(0.5, { stabilizer: 0 }), false],
    // Whatever biases earn is handed on.
    ['zero, distributing', zero({ bias: 'distribute' }), true],
    ['epsilon, distributing', epsilon(0.5, { bias: 'distribute' }), true],
    ['gamma, distributing', gamma(0.5, { bias: 'distribute' }), true],
    ['alpha-beta, distributing', alphaBeta(2, 1, { bias: 'distribute' }), true],
    ['z-plus, distributing', zPlus({ bias: 'distribute' }), true],
    ['w-square, distributing', wSquare({ bias: 'distribute' }), true],
    // These do not look at biases, or there are none.
    ['w-square', wSquare({ stabilizer: 0 }), false],
    ['flat', flat({ stabilizer: 0 }), true],
    ['z-box', zBox({ low: -1, high: 1, stabilizer: 0 }), true],
  ])('%s conserves', async (_rule, rule, useBias) => {
    const model = make(useBias);
    randomizeWeights(model);
    const x = randomTensor(shape, 6);
    const explanation = explain(model, x, everywhere(rule), { target: 'all' });
    const [started, arrived] = [
      await numbers(explanation.target.relevance),
      await numbers(at(explanation.inputs, 0).relevance),
    ];
    explanation.dispose();
    const batch = at(shape, 0);
    for (let sample = 0; sample < batch; sample++) {
      const part = (values: readonly number[]) =>
        values.slice((sample * values.length) / batch, ((sample + 1) * values.length) / batch);
      const size = sum(part(arrived).map(Math.abs));
      expect(Math.abs(sum(part(arrived)) - sum(part(started)))).toBeLessThanOrEqual(1e-5 * size);
    }
  });

  test('z-plus keeps relevance nonnegative and does not create any', async () => {
    const model = make(true);
    randomizeWeights(model);
    const explanation = explain(model, randomTensor(shape, 7), everywhere(zPlus()), { start: 'one', target: 'all' });
    const arrived = await numbers(at(explanation.inputs, 0).relevance);
    expect(Math.min(...arrived)).toBeGreaterThanOrEqual(0);
    expect(sum(arrived)).toBeGreaterThan(0);
    // One for each of the four outputs of each sample was started with.
    expect(sum(arrived)).toBeLessThanOrEqual(4 * at(shape, 0) * (1 + 1e-5));
    explanation.dispose();
  });
});

test('a batch is its samples, one by one, for every rule that looks at the whole sample', async () => {
  const model = convNet(true);
  randomizeWeights(model);
  const x = randomTensor([3, 8, 8, 2], 8);
  for (const rule of [epsilon(0.1, { mode: 'relative' }), zBox()]) {
    const together = await relevanceOf(model, x, everywhere(rule), { target: 1 });
    const apart: number[] = [];
    for (let sample = 0; sample < 3; sample++) {
      const one = tf.slice(x, [sample, 0, 0, 0], [1, -1, -1, -1]);
      apart.push(...(await relevanceOf(model, one, everywhere(rule), { target: 1 })));
    }
    expectNumbers(together, apart);
  }
});
