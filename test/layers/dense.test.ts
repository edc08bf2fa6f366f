import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { activationNames } from '../../src/steps/activations.js';
import { modelOf, randomTensor, stepsReproduce } from './reproduce.js';

type Name = NonNullable<Parameters<typeof tfl.layers.activation>[0]>['activation'];

describe('Dense', () => {
  test.each([[[5]], [[3, 5]], [[2, 3, 5]]])('rank of input shape %j, with and without bias', async (shape) => {
    for (const useBias of [true, false]) {
      const model = modelOf(tfl.layers.dense({ units: 4, useBias }), [shape]);
      expect(await stepsReproduce(model, [randomTensor([2, ...shape])])).toEqual(['dense']);
    }
  });

  test.each(activationNames())('fused activation %s', async (activation) => {
    // The names of tfjs-layers' type leave out a few that it knows.
    const model = modelOf(tfl.layers.dense({ units: 4, activation: activation as Name }), [[6]]);
    const names = await stepsReproduce(model, [randomTensor([3, 6], 2, 3)]);
    expect(names).toHaveLength(2);
  });
});
