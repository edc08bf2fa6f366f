import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { modelOf, randomTensor, stepsReproduce } from './reproduce.js';

const LAYERS: [string, () => tfl.layers.Layer, number[]][] = [
  ['Dropout', () => tfl.layers.dropout({ rate: 0.5 }), [4]],
  ['SpatialDropout1D', () => tfl.layers.spatialDropout1d({ rate: 0.5 }), [3, 4]],
  ['GaussianNoise', () => tfl.layers.gaussianNoise({ stddev: 1 }), [4]],
  ['GaussianDropout', () => tfl.layers.gaussianDropout({ rate: 0.5 }), [4]],
  ['AlphaDropout', () => tfl.layers.alphaDropout({ rate: 0.5 }), [4]],
];

test.each(LAYERS)('%s does nothing', async (_name, make, shape) => {
  expect(await stepsReproduce(modelOf(make(), [shape]), [randomTensor([2, ...shape])])).toEqual(['identity']);
});

test('a model of its input alone', async () => {
  const input = tfl.input({ shape: [3] });
  expect(await stepsReproduce(tfl.model({ inputs: input, outputs: input }), [randomTensor([2, 3])])).toEqual([]);
});
