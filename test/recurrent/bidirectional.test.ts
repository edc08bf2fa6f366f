import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { randomizeWeights, stepsReproduce } from '../layers/reproduce.js';
import { choices, inputsOf, KINDS, modelAround, recurrent, reproducesCall, statesOf, withGaps } from './models.js';

const UNITS = 2;
const MODES = ['concat', 'sum', 'ave', 'mul', null] as const;

type Args = Parameters<typeof tfl.layers.bidirectional>[0];

function bidirectional(layer: tfl.RNN, mergeMode: (typeof MODES)[number]): tfl.layers.Layer {
  // tfjs takes null for "side by side", though its types do not say so.
  return tfl.layers.bidirectional({ layer, mergeMode } as Args);
}

test.each(MODES)('merge mode %s: sequences, states, direction, mask, initial states', async (mode) => {
  const kind = mode === 'concat' || mode === null ? 'lstm' : 'gru';
  for (const { masked, given, ...options } of choices(
    'returnSequences',
    'returnState',
    'goBackwards',
    'masked',
    'given',
  )) {
    const around = { masked, initial: given ? new Array<number>(2 * statesOf(kind)).fill(UNITS) : [] };
    await reproducesCall(bidirectional(recurrent(kind, { units: UNITS, ...options }), mode), around);
  }
});

test.each(KINDS)('%s: the mask goes on to the next layer with a sequence, and ends without', async (kind) => {
  const wrapped = (returnSequences: boolean) =>
    bidirectional(recurrent(kind, { units: UNITS, returnSequences }), 'sum');
  const model = tfl.sequential({
    layers: [
      tfl.layers.embedding({ inputDim: 5, outputDim: 3, maskZero: true, inputLength: 5 }),
      wrapped(true),
      wrapped(false),
      tfl.layers.dense({ units: 2 }),
    ],
  });
  const tokens = tf.tensor2d([
    [1, 0, 2, 3, 0],
    [0, 4, 0, 1, 2],
  ]);
  await stepsReproduce(model, [tokens], { expected: 'as on cpu' });
  model.dispose();
});

test('inside each other: a layer of the wrapped kind, an outer wrapper', async () => {
  const inner = bidirectional(recurrent('lstm', { units: UNITS }), 'concat');
  const model = tfl.sequential({
    layers: [tfl.layers.timeDistributed({ layer: inner, inputShape: [3, 4, 2] }), recurrent('gru', { units: UNITS })],
  });
  randomizeWeights(model);
  const x = withGaps(tf.randomUniform([2, 3, 4, 2]));
  await stepsReproduce(model, [x], { keepWeights: true, expected: 'as on cpu' });
  model.dispose();
});

test('steps carry the roles forward and backward', async () => {
  const names: string[] = [];
  const model = modelAround(bidirectional(recurrent('lstm', { units: UNITS, returnSequences: true }), 'concat'));
  names.push(...(await stepsReproduce(model, inputsOf(model))));
  expect(names).toEqual([
    'scan over time',
    'all time steps',
    'scan over time',
    'all time steps',
    'reverse time',
    'concat',
  ]);
  model.dispose();
});
