// SimpleRNN, GRU and LSTM: the steps give what the layers give, for every combination of options.
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test, vi } from 'vitest';
import { explain } from '../../src/index.js';
import { expectSame, randomizeWeights, tensorCount } from '../explanation/tools.js';
import { at, randomTensor } from '../layers/reproduce.js';
import { choices, KINDS, recurrent, reproducesCall, statesOf, withGaps } from './models.js';

const UNITS = 3;

test.each(KINDS)('%s: sequences, states, direction, mask, initial states', async (kind) => {
  for (const { masked, given, ...options } of choices(
    'returnSequences',
    'returnState',
    'goBackwards',
    'masked',
    'given',
  )) {
    const around = { masked, initial: given ? new Array<number>(statesOf(kind)).fill(UNITS) : [] };
    await reproducesCall(recurrent(kind, { units: UNITS, ...options }), around);
  }
});

test.each(KINDS)('%s: without bias, with dropout, one unit', async (kind) => {
  const variants = [
    { useBias: false },
    { dropout: 0.5, recurrentDropout: 0.5 },
    { unitForgetBias: true },
    { units: 1 },
  ];
  for (const options of variants) {
    await reproducesCall(recurrent(kind, { units: UNITS, ...options }));
  }
});

test.each(KINDS)('%s: unrolled or not is the same to the bit, relevance too', async (kind) => {
  // tfjs says at every call that it always unrolls.
  const silenced = vi.spyOn(console, 'warn').mockImplementation(() => {});
  for (const { masked, ...options } of choices('returnSequences', 'goBackwards', 'masked')) {
    await reproducesCall(recurrent(kind, { units: UNITS, unroll: true, ...options }), { masked });
    const build = (unroll: boolean) => {
      const model = tfl.sequential({
        layers: [
          masked ? tfl.layers.masking({ inputShape: [4, 3] }) : tfl.layers.reLU({ inputShape: [4, 3] }),
          recurrent(kind, { units: UNITS, unroll, ...options }),
          tfl.layers.dense({ units: 2 }),
        ],
      });
      randomizeWeights(model);
      return model;
    };
    const [rolled, unrolled] = [build(false), build(true)];
    const x = withGaps(randomTensor([2, 4, 3]));
    const before = tensorCount();
    const [a, b] = [explain(rolled, x, 'recurrent'), explain(unrolled, x, 'recurrent')];
    await expectSame(at(b.inputs, 0).relevance, at(a.inputs, 0).relevance);
    for (const disposable of [a, b]) disposable.dispose();
    expect(tensorCount()).toBe(before);
    for (const disposable of [rolled, unrolled, x]) disposable.dispose();
  }
  silenced.mockRestore();
});

/** One that tfjs knows though its type leaves it out. */
const UNTYPED = 'logSoftmax' as 'softmax';

const ACTIVATIONS = [
  UNTYPED,
  'elu',
  'hardSigmoid',
  'linear',
  'relu',
  'relu6',
  'selu',
  'sigmoid',
  'softmax',
  'softplus',
  'softsign',
  'tanh',
  'swish',
  'mish',
  'gelu',
  'gelu_new',
] as const;

test.each(KINDS)('%s: every activation', async (kind) => {
  for (const [index, activation] of ACTIVATIONS.entries()) {
    const recurrentActivation = ACTIVATIONS[(index + 3) % ACTIVATIONS.length] ?? 'sigmoid';
    const names = await reproducesCall(recurrent(kind, { units: UNITS, activation, recurrentActivation }));
    expect(names).toContain('scan over time');
  }
});
