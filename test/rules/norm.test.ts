import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { norm } from '../../src/index.js';
import { denseModel, expectNumbers, fewLayerCases, layerCases, matchesLiteral, relevanceOf } from './compare.js';
import { normLiteral } from './literal.js';

describe.each(layerCases())('$name', (layer) => {
  // The rule says itself that biases are ignored, so the mode of the plan makes no difference.
  test('norm', () => matchesLiteral(layer, norm(), normLiteral(), { modes: ['absorb', 'ignore'] }));
});

describe.each(fewLayerCases())('$name', (layer) => {
  test('with another stabilizer', () =>
    matchesLiteral(layer, norm({ stabilizer: 0.5 }), normLiteral({ mode: 'add', epsilon: 0.5 }), {
      modes: ['absorb'],
    }));
});

test('the bias is left out', async () => {
  // c = (3, -2), z without bias 1, R = 4.
  const model = denseModel([[3], [-1]], [100]);
  const options = { start: tf.tensor2d([[4]]) };
  expectNumbers(await relevanceOf(model, tf.tensor2d([[1, 2]]), norm({ stabilizer: 0 }), options), [12, -8]);
});

test('sums and averages take it by default', async () => {
  // Add: (1 + 3), R = 8: 2 and 6. Average: half of each in numerator and denominator: the same.
  for (const layer of [tfl.layers.add(), tfl.layers.average()]) {
    const inputs = [tfl.input({ shape: [2] }), tfl.input({ shape: [2] })];
    const model = tfl.model({ inputs, outputs: layer.apply(inputs) as tfl.SymbolicTensor }); // a list gives one
    // Second element: -1 + 4 = 3, R = 3: -1 and 4.
    const [a, b] = [tf.tensor2d([[1, -1]]), tf.tensor2d([[3, 4]])];
    const start = tf.tensor2d([[8, 3]]);
    expectNumbers(await relevanceOf(model, [a, b], undefined, { start }), [2, -1, 6, 4]);
  }
});

test('parameters out of range', () => {
  // Not of the type, as it may come from JavaScript.
  expect(() => norm({ stabilizer: '1' as never })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "norm": stabilizer mode must be add, relative, unsigned, clip, none; received undefined.]`,
  );
});
