import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { modelOf, randomTensor, stepsReproduce } from './reproduce.js';

type Format = 'channelsLast' | 'channelsFirst';
const FORMATS: Format[] = ['channelsLast', 'channelsFirst'];
const PADDINGS = ['same', 'valid'] as const;

/** A shape with 3 channels where the data format wants them. */
function shapeOf(spatial: readonly number[], format: Format, channels = 3): number[] {
  return format === 'channelsLast' ? [...spatial, channels] : [channels, ...spatial];
}

describe.each(FORMATS)('%s', (dataFormat) => {
  test.each(PADDINGS)('Conv1D %s', async (padding) => {
    const shape = shapeOf([9], dataFormat);
    for (const [strides, dilationRate] of [
      [1, 1],
      [2, 1],
      [3, 1],
      [1, 2],
    ]) {
      for (const useBias of [true, false]) {
        const options = { filters: 4, kernelSize: 3, strides, dilationRate, padding, dataFormat, useBias };
        // The types leave out that strides may be undefined only by being absent.
        const layer = tfl.layers.conv1d(options as Parameters<typeof tfl.layers.conv1d>[0]);
        await stepsReproduce(modelOf(layer, [shape]), [randomTensor([2, ...shape])]);
      }
    }
  });

  test.each(PADDINGS)('Conv2D %s', async (padding) => {
    const shape = shapeOf([7, 6], dataFormat);
    const options = [
      { kernelSize: 3 },
      { kernelSize: 3, strides: 2, useBias: false },
      { kernelSize: [3, 2] as [number, number], strides: [2, 1] as [number, number] },
      { kernelSize: 2, dilationRate: 2, activation: 'relu' as const },
      { kernelSize: 1, strides: 2, activation: 'softmax' as const },
    ];
    for (const own of options) {
      const layer = tfl.layers.conv2d({ filters: 5, padding, dataFormat, ...own });
      await stepsReproduce(modelOf(layer, [shape]), [randomTensor([2, ...shape])]);
    }
  });

  test.each(PADDINGS)('Conv3D %s', async (padding) => {
    const shape = shapeOf([4, 5, 3], dataFormat, 2);
    const options = [
      { kernelSize: 3 },
      { kernelSize: 2, strides: 2, useBias: false, activation: 'tanh' as const },
      // tfjs pads the first axis by -1 here.
      { kernelSize: 1, strides: 2 },
      { kernelSize: 1, strides: 3 },
    ];
    for (const own of options) {
      const layer = tfl.layers.conv3d({ filters: 3, padding, dataFormat, ...own });
      await stepsReproduce(modelOf(layer, [shape]), [randomTensor([2, ...shape])]);
    }
  });
});

describe('names', () => {
  test('say what the table needs, maps say all of the geometry', async () => {
    const layer = tfl.layers.conv2d({ filters: 2, kernelSize: [3, 5], strides: 2, activation: 'relu' });
    const names = await stepsReproduce(modelOf(layer, [[9, 9, 2]]), [randomTensor([1, 9, 9, 2])]);
    expect(names).toEqual(['conv2d 3x5 /2', 'relu']);
  });
});
