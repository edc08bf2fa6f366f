import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { modelOf, randomTensor, stepsReproduce } from './reproduce.js';

const FORMATS = ['channelsLast', 'channelsFirst'] as const;

test.each(FORMATS)('Flatten %s', async (dataFormat) => {
  for (const shape of [
    [3, 4],
    [3, 4, 2],
    [2, 3, 4, 2],
  ]) {
    await stepsReproduce(modelOf(tfl.layers.flatten({ dataFormat }), [shape]), [randomTensor([2, ...shape])]);
  }
});

test.each([[[4, 3]], [[-1]], [[2, -1]], [[-1, 3, 2]], [[12, 1]]])('Reshape to %j', async (targetShape) => {
  const model = modelOf(tfl.layers.reshape({ targetShape }), [[3, 4]]);
  expect(await stepsReproduce(model, [randomTensor([2, 3, 4])])).toEqual(['reshape']);
});

test.each([[[2, 1]], [[1, 2]], [[3, 1, 2]], [[2, 3, 1]], [[4, 2, 1, 3]]])('Permute by %j', async (dims) => {
  const shape = [3, 4, 2, 5].slice(0, dims.length);
  expect(await stepsReproduce(modelOf(tfl.layers.permute({ dims }), [shape]), [randomTensor([2, ...shape])])).toEqual([
    'permute',
  ]);
});

test('RepeatVector', async () => {
  const model = modelOf(tfl.layers.repeatVector({ n: 3 }), [[4]]);
  expect(await stepsReproduce(model, [randomTensor([2, 4])])).toEqual(['repeat 3']);
});

describe.each(FORMATS)('%s', (dataFormat) => {
  const shape = dataFormat === 'channelsLast' ? [6, 7, 2] : [2, 6, 7];

  test.each([
    1,
    [1, 2],
    [
      [0, 2],
      [1, 0],
    ],
  ])('Cropping2D by %j', async (cropping) => {
    // The type asks for pairs of pairs; the layer takes numbers too.
    const layer = tfl.layers.cropping2D({ cropping: cropping as [[number, number], [number, number]], dataFormat });
    expect(await stepsReproduce(modelOf(layer, [shape]), [randomTensor([2, ...shape])])).toEqual(['crop']);
  });

  test.each([
    undefined,
    2,
    [1, 2],
    [
      [0, 2],
      [1, 0],
    ],
  ])('ZeroPadding2D by %j', async (padding) => {
    const own = padding === undefined ? {} : { padding: padding as [[number, number], [number, number]] };
    const layer = tfl.layers.zeroPadding2d({ dataFormat, ...own });
    expect(await stepsReproduce(modelOf(layer, [shape]), [randomTensor([2, ...shape])])).toEqual(['pad']);
  });
});
