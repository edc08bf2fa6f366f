import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { flat } from '../../src/index.js';
import { denseModel, expectNumbers, fewLayerCases, layerCases, matchesLiteral, relevanceOf } from './compare.js';
import { flatLiteral } from './literal.js';

describe.each(layerCases())('$name', (layer) => {
  test('flat', () => matchesLiteral(layer, flat(), flatLiteral()));
});

describe.each(fewLayerCases())('$name', (layer) => {
  test('with another stabilizer', () =>
    matchesLiteral(layer, flat({ stabilizer: 0.5 }), flatLiteral({ mode: 'add', epsilon: 0.5 })));
});

test('equal shares, whatever weights and inputs', async () => {
  // Two outputs share 6 and -9 among three inputs each: 2 - 3 = -1.
  const model = denseModel(
    [
      [1, 0],
      [-5, 2],
      [0, 7],
    ],
    [9, -9],
  );
  const start = tf.tensor2d([[6, -9]]);
  const rule = flat({ stabilizer: 0 });
  expectNumbers(await relevanceOf(model, tf.tensor2d([[0, -3, 8]]), rule, { start }), [-1, -1, -1]);
});

test('padding is no input', async () => {
  // A window of 3 on 3 elements with padding: the outputs see 2, 3 and 2 elements.
  // R = (6, 6, 6): shares of 3, 2 and 3; the elements get 3 + 2, 3 + 2 + 3, 2 + 3.
  const layer = tfl.layers.conv1d({ filters: 1, kernelSize: 3, padding: 'same', inputShape: [3, 1] });
  const start = tf.fill([1, 3, 1], 6);
  const rule = flat({ stabilizer: 0 });
  const model = tfl.sequential({ layers: [layer] });
  expectNumbers(await relevanceOf(model, tf.tensor3d([[[1], [2], [3]]]), rule, { start }), [5, 8, 5]);
});

test('parameters out of range', () => {
  expect(() => flat({ stabilizer: -1e-9 })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "flat": stabilizer must be a finite number of at least 0, received -1e-9.]`,
  );
});
