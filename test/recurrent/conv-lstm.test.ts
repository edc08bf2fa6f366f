import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { applyOnCpu, at, randomizeWeights, stepsReproduce } from '../layers/reproduce.js';
import { choices, inputsOf, withGaps } from './models.js';

type Args = Partial<Parameters<typeof tfl.layers.convLstm2d>[0]>;

const SHAPE = [3, 6, 5, 2];

function model(args: Args, shape: number[] = SHAPE): tfl.LayersModel {
  const layer = tfl.layers.convLstm2d({
    filters: 2,
    kernelSize: [3, 2],
    recurrentInitializer: 'glorotNormal',
    ...args,
    // One type more than tfjs' own `cell`, which the layer makes itself.
  } as Parameters<typeof tfl.layers.convLstm2d>[0]);
  const input = tfl.input({ shape });
  return tfl.model({ inputs: input, outputs: layer.apply(input) as tfl.SymbolicTensor[] });
}

async function reproduces(args: Args, shape?: number[]): Promise<string[]> {
  const made = model(args, shape);
  // Neither webgl nor webgpu can turn a sequence of pictures round.
  const names = await stepsReproduce(made, inputsOf(made, {}, 2), { expected: 'as on cpu' });
  made.dispose();
  return names;
}

test('sequences, states, direction, bias', async () => {
  for (const options of choices('returnSequences', 'returnState', 'goBackwards', 'useBias')) await reproduces(options);
});

describe('convolutions of the input', () => {
  test.each([
    ['same', { padding: 'same' }],
    ['strides', { strides: [2, 1] }],
    ['same with strides', { padding: 'same', strides: 2 }],
    ['dilation', { dilationRate: 2, kernelSize: 2 }],
    ['same with dilation', { padding: 'same', dilationRate: [2, 1] }],
    ['one pixel', { kernelSize: 1 }],
    ['other activations', { activation: 'relu', recurrentActivation: 'sigmoid' }],
    ['dropout', { dropout: 0.5, recurrentDropout: 0.5 }],
    ['unit forget bias', { unitForgetBias: true }],
  ] as const)('%s', async (_name, args) => {
    expect(await reproduces(args as Args)).toEqual(['scan over time', 'last time step']);
  });
});

test('channels first, which tfjs itself runs on the cpu backend only', async () => {
  for (const args of [{ padding: 'same', returnSequences: true }, { strides: 2 }] as const) {
    const made = model({ dataFormat: 'channelsFirst', ...args }, [3, 2, 6, 5]);
    randomizeWeights(made);
    const inputs = inputsOf(made);
    const expected = [await applyOnCpu(at(made.layers, 1), at(inputs, 0))];
    await stepsReproduce(made, inputs, { keepWeights: true, expected });
    made.dispose();
  }
});

test('stacked, then read out', async () => {
  const layer = (args: Args) =>
    tfl.layers.convLstm2d({ filters: 2, kernelSize: 3, recurrentInitializer: 'glorotNormal', ...args } as Parameters<
      typeof tfl.layers.convLstm2d
    >[0]);
  const made = tfl.sequential({
    layers: [
      layer({ returnSequences: true, padding: 'same', inputShape: SHAPE } as Args),
      layer({}),
      tfl.layers.globalAveragePooling2d({}),
      tfl.layers.dense({ units: 2 }),
    ],
  });
  const [x] = inputsOf(made);
  await stepsReproduce(made, x ? [withGaps(x)] : []);
  made.dispose();
});
