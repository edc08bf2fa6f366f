import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { applyOnCpu, modelOf, randomTensor, stepsReproduce } from './reproduce.js';

describe.each(['channelsLast', 'channelsFirst'] as const)('UpSampling2D %s', (dataFormat) => {
  const shape = dataFormat === 'channelsLast' ? [3, 4, 2] : [2, 3, 4];
  test.each(['nearest', 'bilinear'] as const)('%s', async (interpolation) => {
    for (const size of [
      [2, 2],
      [3, 1],
      [2, 5],
    ]) {
      const layer = tfl.layers.upSampling2d({ size, interpolation, dataFormat });
      await stepsReproduce(modelOf(layer, [shape]), [randomTensor([2, ...shape])]);
    }
  });
});

describe('Resizing', () => {
  test.each(['nearest', 'bilinear'] as const)('%s', async (interpolation) => {
    for (const cropToAspectRatio of [false, true]) {
      for (const [height, width] of [
        [4, 3],
        [9, 11],
        [6, 2],
        [1, 1],
      ] as const) {
        const layer = tfl.layers.resizing({ height, width, interpolation, cropToAspectRatio });
        const x = randomTensor([2, 6, 5, 2]);
        // In a model the layer fails: it hands a list of one tensor to an operation that wants a tensor.
        const expected = [layer.apply(x) as tf.Tensor];
        await stepsReproduce(modelOf(layer, [[6, 5, 2]]), [x], { expected });
      }
    }
  });
});

describe('CenterCrop', () => {
  test.each([
    [4, 5],
    [3, 3],
    [6, 6],
    [1, 2],
    [9, 3],
    [8, 9],
    [6, 7],
  ])('to %i x %i', async (height, width) => {
    // tfjs overwrites the shape of the layer's input: only behind another layer can it meet a larger image.
    const input = tfl.input({ shape: [6, 7, 2] });
    const before = tfl.layers.activation({ activation: 'linear' }).apply(input) as tfl.SymbolicTensor;
    const shape = [...before.shape];
    const layer = tfl.layers.centerCrop({ height, width });
    const crop = layer.apply(before) as tfl.SymbolicTensor;
    expect(shape).toEqual([null, 6, 7, 2]);
    const x = randomTensor([2, 6, 7, 2]);
    // In a model the layer fails where it has to stretch; on webgpu it loses the last column of some sizes.
    const expected = [await applyOnCpu(layer, x)];
    await stepsReproduce(tfl.model({ inputs: input, outputs: crop }), [x], { expected });
  });
});

describe('Rescaling', () => {
  test.each([
    [1 / 255, 0],
    [2, -1],
  ])('by %f and %f', async (scale, offset) => {
    const layer = tfl.layers.rescaling({ scale, offset });
    expect(await stepsReproduce(modelOf(layer, [[4, 3, 2]]), [randomTensor([2, 4, 3, 2])])).toEqual(['rescale']);
  });

  test('of integers', async () => {
    const layer = tfl.layers.rescaling({ scale: 0.5, offset: 1 });
    const x = tf.tensor2d([[1, 2, 250]], [1, 3], 'int32');
    await stepsReproduce(modelOf(layer, [[3]], 'int32'), [x]);
  });
});
