import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { lowered, modelOf, randomTensor, stepsReproduce } from './reproduce.js';

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
      const model = modelOf(tfl.layers.batchNormalization({ axis, scale, center }), [shape]);
      expect(await stepsReproduce(model, [randomTensor([2, ...shape], 2, 3)])).toEqual(['batch norm']);
    }
  });

  test('names the axis along which it folds', () => {
    const model = modelOf(tfl.layers.batchNormalization({ axis: -1 }), [[4, 3, 5]]);
    const step = lowered(model).graph.nodes[0]?.step;
    expect(step).toMatchObject({ diagonal: true, foldsAlong: 3, kernel: { shape: [5] }, bias: { shape: [5] } });
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
