// SimpleRNN, GRU and LSTM: the steps give what the layers give, for every combination of options.
import { expect, test } from 'vitest';
import { choices, KINDS, recurrent, reproducesCall, statesOf } from './models.js';

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

test.each(KINDS)('%s: without bias, with dropout, unrolled', async (kind) => {
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

const ACTIVATIONS = [
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
