import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { epsilon, gamma, gammaClassic, zPlus } from '../../src/index.js';
import { denseModel, expectNumbers, fewLayerCases, layerCases, matchesLiteral, relevanceOf } from './compare.js';
import { gammaClassicLiteral, gammaLiteral } from './literal.js';

describe.each(layerCases())('$name', (layer) => {
  test('gamma 0.25', () => matchesLiteral(layer, gamma(0.25), gammaLiteral(0.25)));
  test('classic gamma', () => matchesLiteral(layer, gammaClassic(0.25), gammaClassicLiteral(0.25, true)));
});

describe.each(fewLayerCases())('$name', (layer) => {
  test('gamma 2', () => matchesLiteral(layer, gamma(2), gammaLiteral(2), { modes: ['absorb', 'distribute-all'] }));
  test('gamma with another stabilizer', () =>
    matchesLiteral(
      layer,
      gamma(0.5, { stabilizer: { mode: 'clip', epsilon: 2 } }),
      gammaLiteral(0.5, { mode: 'clip', epsilon: 2 }),
    ));
  test('classic gamma, bias not scaled', () =>
    matchesLiteral(layer, gammaClassic(0.25, { biasScaled: false }), gammaClassicLiteral(0.25, false)));
});

describe('by hand', () => {
  const none = { stabilizer: 0 };
  const start = () => tf.tensor2d([[6]]);

  test('a positive output', async () => {
    // x = (1, 2), w = (4, -1), b = 1: c = (4, -2), z = 3 > 0. gamma 1 doubles positive ones: n = (8, -2), bias 2,
    // denominator 8: 8/8 · 6, -2/8 · 6.
    const model = denseModel([[4], [-1]], [1]);
    expectNumbers(await relevanceOf(model, tf.tensor2d([[1, 2]]), gamma(1, none), { start: start() }), [6, -1.5]);
  });

  test('a negative output', async () => {
    // x = (1, -2), w = (1, 2), b = -1: c = (1, -4), z = -4 < 0. gamma 1 doubles negative ones: n = (1, -8), bias -2,
    // denominator -9: 1/-9 · 6, -8/-9 · 6.
    const model = denseModel([[1], [2]], [-1]);
    const expected = [-2 / 3, 16 / 3];
    expectNumbers(await relevanceOf(model, tf.tensor2d([[1, -2]]), gamma(1, none), { start: start() }), expected);
  });

  test('an output of exactly zero passes nothing on', async () => {
    const model = denseModel([[1], [-1]]);
    const explained = await relevanceOf(model, tf.tensor2d([[3, 3]]), gamma(1), { start: start() });
    expect(explained).toEqual([0, 0]);
  });

  test('classic', async () => {
    // x = (1, 2), w = (4, -1), b = 1, gamma 1: w + w⁺ = (8, -1), n = (8, -2); bias 2 or 1, denominator 8 or 7.
    const model = denseModel([[4], [-1]], [1]);
    const x = tf.tensor2d([[1, 2]]);
    expectNumbers(await relevanceOf(model, x, gammaClassic(1, none), { start: start() }), [6, -1.5]);
    const plain = gammaClassic(1, { ...none, biasScaled: false });
    expectNumbers(await relevanceOf(model, x, plain, { start: start() }), [48 / 7, -12 / 7]);
  });
});

describe('limits', () => {
  const model = denseModel(
    [
      [1, -2],
      [3, 1],
      [-1, 2],
    ],
    [0.5, 1],
  );
  // Outputs 1 + 6 - 1 + 0.5 = 6.5 and -2 + 2 + 2 + 1 = 3: both positive.
  const x = tf.tensor2d([[1, 2, 1]]);
  const start = tf.tensor2d([[1, -2]]);

  test('gamma 0 is epsilon', async () => {
    const [a, b] = [
      await relevanceOf(model, x, gamma(0), { start }),
      await relevanceOf(model, x, epsilon(), { start }),
    ];
    expectNumbers(a, b);
  });

  test('a large gamma is z-plus where outputs are positive', async () => {
    // What is left of the negative contributions is 1/gamma of them.
    const [a, b] = [
      await relevanceOf(model, x, gamma(1e7), { start }),
      await relevanceOf(model, x, zPlus(), { start }),
    ];
    expectNumbers(a, b);
  });
});

test('parameters out of range', () => {
  expect(() => gamma(-0.5)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "gamma": gamma must be a finite number of at least 0, received -0.5.]`,
  );
  expect(() => gamma(Number.NaN)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "gamma": gamma must be a finite number of at least 0, received NaN.]`,
  );
  expect(() => gammaClassic(Number.POSITIVE_INFINITY)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "gamma-classic": gamma must be a finite number of at least 0, received Infinity.]`,
  );
  expect(() => gamma(1, { stabilizer: -1 })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "gamma": stabilizer must be a finite number of at least 0, received -1.]`,
  );
});
