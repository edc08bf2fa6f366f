// RNN around cells: the known ones, stacks of them, and stacks of stacks.
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { cell, choices, KINDS, reproducesCall } from './models.js';

test.each(KINDS)('RNN around a cell of %s', async (kind) => {
  for (const options of choices('returnSequences', 'returnState', 'goBackwards')) {
    await reproducesCall(tfl.layers.rnn({ cell: cell(kind, { units: 3 }), ...options }));
  }
});

test('stacked cells, the states from the last cell to the first', async () => {
  for (const { masked, ...options } of choices('returnSequences', 'returnState', 'masked')) {
    const cells = [cell('lstm', { units: 2 }), cell('gru', { units: 4 }), cell('lstm', { units: 3 })];
    await reproducesCall(tfl.layers.rnn({ cell: cells, ...options }), { masked });
    const stack = tfl.layers.stackedRNNCells({
      cells: [cell('simpleRNN', { units: 3 }), cell('lstm', { units: 2 })],
    });
    await reproducesCall(tfl.layers.rnn({ cell: stack, ...options }), { masked, initial: [2, 2, 3] });
  }
});

test('a stack in a stack', async () => {
  const inner = tfl.layers.stackedRNNCells({ cells: [cell('gru', { units: 2 }), cell('lstm', { units: 3 })] });
  const stack = tfl.layers.stackedRNNCells({ cells: [inner, cell('lstm', { units: 2 })] });
  const names = await reproducesCall(tfl.layers.rnn({ cell: stack, returnState: true }));
  expect(names.filter((name) => name === 'scan over time')).toHaveLength(1);
});
