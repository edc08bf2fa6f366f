import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { wSquare } from '../../src/index.js';
import { denseModel, expectNumbers, fewLayerCases, layerCases, matchesLiteral, relevanceOf } from './compare.js';
import { wSquareLiteral } from './literal.js';

describe.each(layerCases())('$name', (layer) => {
  test('w-square', () => matchesLiteral(layer, wSquare(), wSquareLiteral()));
});

describe.each(fewLayerCases())('$name', (layer) => {
  test('with another stabilizer', () =>
    matchesLiteral(layer, wSquare({ stabilizer: 0.5 }), wSquareLiteral({ mode: 'add', epsilon: 0.5 })));
});

test('by hand, whatever the input', async () => {
  // w = (3, -4), b = 5: squares 9, 16, 25 of 50; R = 10: 9/50 · 10 and 16/50 · 10. Without the bias, of 25.
  const model = denseModel([[3], [-4]], [5]);
  const start = tf.tensor2d([[10], [10]]);
  const x = tf.tensor2d([
    [7, 0],
    [0, -1],
  ]);
  const options = { start };
  expectNumbers(await relevanceOf(model, x, wSquare({ stabilizer: 0 }), options), [1.8, 3.2, 1.8, 3.2]);
  const ignoring = wSquare({ stabilizer: 0, bias: 'ignore' });
  expectNumbers(await relevanceOf(model, x, ignoring, options), [3.6, 6.4, 3.6, 6.4]);
});

test('parameters out of range', () => {
  expect(() => wSquare({ stabilizer: Number.NaN })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "w-square": stabilizer must be a finite number of at least 0, received NaN.]`,
  );
});
