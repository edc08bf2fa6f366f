import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { applyOnCpu, modelOf, randomTensor, stepsReproduce } from './reproduce.js';

const PADDINGS = ['same', 'valid'] as const;
const FORMATS = ['channelsLast', 'channelsFirst'] as const;

/** Values with many ties, all of them negative. */
function tied(shape: readonly number[]): tf.Tensor {
  return tf.tidy(() => tf.sub(tf.round(randomTensor(shape, 5, 1.5)), 3));
}

describe.each(PADDINGS)('%s', (padding) => {
  test('1D', async () => {
    for (const own of [{ poolSize: 2 }, { poolSize: 3, strides: 2 }, { poolSize: 3, strides: 1 }]) {
      for (const layer of [
        tfl.layers.maxPooling1d({ padding, ...own }),
        tfl.layers.averagePooling1d({ padding, ...own }),
      ]) {
        await stepsReproduce(modelOf(layer, [[7, 3]]), [randomTensor([2, 7, 3])]);
      }
    }
  });

  test.each(FORMATS)('2D %s', async (dataFormat) => {
    const shape = dataFormat === 'channelsLast' ? [7, 6, 2] : [2, 7, 6];
    const window: [number, number] = [3, 2];
    for (const own of [{ poolSize: 2 }, { poolSize: 3, strides: 2 }, { poolSize: window, strides: 1 }]) {
      for (const layer of [
        tfl.layers.maxPooling2d({ padding, dataFormat, ...own }),
        tfl.layers.averagePooling2d({ padding, dataFormat, ...own }),
      ]) {
        await stepsReproduce(modelOf(layer, [shape]), [randomTensor([2, ...shape])]);
        await stepsReproduce(modelOf(layer, [shape]), [tied([1, ...shape])]);
      }
    }
  });

  test.each(FORMATS)('3D %s', async (dataFormat) => {
    const shape = dataFormat === 'channelsLast' ? [5, 4, 3, 2] : [2, 5, 4, 3];
    // The last one: tfjs pads the third axis by -1.
    for (const own of [{ poolSize: 2 }, { poolSize: 3, strides: 2 }, { poolSize: 1, strides: 2 }]) {
      for (const layer of [
        tfl.layers.maxPooling3d({ padding, dataFormat, ...own } as Parameters<typeof tfl.layers.maxPooling3d>[0]),
        tfl.layers.averagePooling3d({ padding, dataFormat, ...own } as Parameters<
          typeof tfl.layers.averagePooling3d
        >[0]),
      ]) {
        const model = modelOf(layer, [shape]);
        const x = randomTensor([2, ...shape]);
        // wasm's own average counts the padding.
        const expected = [await applyOnCpu(model, x)];
        await stepsReproduce(model, [x], { expected });
      }
    }
  });
});

describe('global', () => {
  test('1D', async () => {
    for (const layer of [tfl.layers.globalAveragePooling1d(), tfl.layers.globalMaxPooling1d()]) {
      await stepsReproduce(modelOf(layer, [[5, 3]]), [randomTensor([2, 5, 3])]);
      await stepsReproduce(modelOf(layer, [[5, 3]]), [tied([2, 5, 3])]);
    }
  });

  test.each(FORMATS)('2D %s', async (dataFormat) => {
    for (const layer of [
      tfl.layers.globalAveragePooling2d({ dataFormat }),
      tfl.layers.globalMaxPooling2d({ dataFormat }),
    ]) {
      await stepsReproduce(modelOf(layer, [[5, 4, 3]]), [randomTensor([2, 5, 4, 3])]);
      await stepsReproduce(modelOf(layer, [[5, 4, 3]]), [tied([2, 5, 4, 3])]);
    }
  });
});

describe('names', () => {
  test.each([
    [{ poolSize: 2 }, 'max pool 2x2'],
    [{ poolSize: 3, strides: 2 }, 'max pool 3x3 /2'],
    [{ poolSize: 3, strides: 1 }, 'max pool 3x3 /1'],
  ])('%j is %s', async (own, name) => {
    const layer = tfl.layers.maxPooling2d(own);
    expect(await stepsReproduce(modelOf(layer, [[6, 6, 1]]), [randomTensor([1, 6, 6, 1])])).toEqual([name]);
  });
});
