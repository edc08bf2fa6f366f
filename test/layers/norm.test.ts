import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { lowered, modelOf, randomizeWeights, randomTensor, stepsReproduce } from './reproduce.js';

/** `(x - mean) / sqrt(variance + epsilon) gamma + beta`, the weights found by name. */
function literally(layer: tfl.layers.Layer, x: tf.Tensor, axis: number): tf.Tensor {
  return tf.tidy(() => {
    const shape = x.shape.map((size, index) => (index === axis ? size : 1));
    const named = (name: string) => {
      const weight = layer.weights.find((own) => own.originalName.endsWith(`/${name}`));
      return weight ? tf.reshape(weight.read(), shape) : null;
    };
    const deviation = tf.sqrt(tf.add(named('moving_variance') ?? 1, 0.01));
    const normal = tf.div(tf.sub(x, named('moving_mean') ?? 0), deviation);
    return tf.add(tf.mul(normal, named('gamma') ?? 1), named('beta') ?? 0);
  });
}

describe('BatchNormalization', () => {
  const cases: [number[], number][] = [
    [[5], -1],
    [[4, 5], -1],
    [[4, 5], 1],
    [[4, 3, 5], 3],
    [[4, 3, 5], 1],
    [[4, 3, 5], 2],
  ];
  test.each(cases)('shape %j axis %i', async (shape, axis) => {
    for (const [scale, center] of [
      [true, true],
      [false, true],
      [true, false],
      [false, false],
    ] as const) {
      const layer = tfl.layers.batchNormalization({ axis, scale, center, epsilon: 0.01 });
      const model = modelOf(layer, [shape]);
      randomizeWeights(model);
      const x = randomTensor([2, ...shape], 2, 3);
      // Along other axes than the last, cpu and wasm take the wrong factors.
      const expected = [literally(layer, x, axis < 0 ? axis + x.rank : axis)];
      const last = axis === -1 || axis === shape.length;
      const names = await stepsReproduce(model, [x.clone()], { keepWeights: true, ...(last ? {} : { expected }) });
      expect(names).toEqual(['batch norm']);
      const again = { keepWeights: true, expected };
      if (last) await stepsReproduce(model, [x], again);
      else x.dispose();
    }
  });

  test('names the axis along which it folds', () => {
    const model = modelOf(tfl.layers.batchNormalization({ axis: -1 }), [[4, 3, 5]]);
    const step = lowered(model).graph.nodes[0]?.step;
    expect(step).toMatchObject({ diagonal: true, foldsAlong: -1, kernel: { shape: [5] }, bias: { shape: [5] } });
  });
});

describe('LayerNormalization', () => {
  const cases: [number[], number | number[]][] = [
    [[5], -1],
    [[4, 5], 1],
    [[4, 3, 5], [-1]],
    [
      [4, 3, 5],
      [2, 3],
    ],
    [
      [4, 3, 5],
      [1, 2, 3],
    ],
    [
      [4, 3, 5],
      [3, 1],
    ],
  ];
  test.each(cases)('shape %j axes %j', async (shape, axis) => {
    for (const [scale, center] of [
      [true, true],
      [false, true],
      [true, false],
      [false, false],
    ] as const) {
      const layer = tfl.layers.layerNormalization({ axis, scale, center, epsilon: 0.01 });
      expect(await stepsReproduce(modelOf(layer, [shape]), [randomTensor([2, ...shape], 2, 3)])).toEqual([
        'layer norm',
      ]);
    }
  });
});
