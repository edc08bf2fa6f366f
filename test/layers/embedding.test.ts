import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { modelOf, randomTensor, stepsReproduce } from './reproduce.js';

describe('Embedding', () => {
  test.each(['int32', 'float32'] as const)('tokens as %s', async (dtype) => {
    for (const maskZero of [false, true]) {
      const tokens = tf.tensor2d([3, 0, 6, 1, 1, 2], [2, 3], dtype);
      const model = modelOf(tfl.layers.embedding({ inputDim: 7, outputDim: 4, maskZero }), [[3]], dtype);
      expect(await stepsReproduce(model, [tokens])).toEqual(['embedding']);
    }
  });

  test('input length and more axes', async () => {
    const layer = tfl.layers.embedding({ inputDim: 7, outputDim: 4, inputLength: [2, 3] });
    const tokens = tf.tensor3d([3, 0, 6, 1, 1, 2], [1, 2, 3]);
    await stepsReproduce(modelOf(layer, [[2, 3]]), [tokens]);
  });
});

describe('Masking', () => {
  test.each([0, -2])('of %i', async (maskValue) => {
    const x = tf.tidy(() => {
      const keep = tf.tensor3d([1, 0, 1, 0, 0, 1], [2, 3, 1]);
      const random = randomTensor([2, 3, 4]);
      return tf.add(tf.mul(random, keep), tf.mul(tf.sub(1, keep), maskValue));
    });
    const model = modelOf(tfl.layers.masking({ maskValue }), [[3, 4]]);
    expect(await stepsReproduce(model, [x])).toEqual(['mask']);
  });
});
