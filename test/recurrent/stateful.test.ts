// Stateful layers: an explanation begins where the layer was left, and leaves it there.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { InputError, plan } from '../../src/index.js';
import { expectClose, expectSame, tensorCount } from '../explanation/tools.js';
import { at, predict, randomizeWeights, randomTensor } from '../layers/reproduce.js';
import { KINDS, recurrent } from './models.js';

function statesIn(layer: unknown): tf.Tensor[] {
  // Public on every recurrent layer, though not in its type.
  return (layer as { readonly states: tf.Tensor[] }).states;
}

test.each(KINDS)('%s begins where it was left, and stays there', async (kind) => {
  const layer = recurrent(kind, { units: 3, stateful: true, batchInputShape: [2, 4, 2] });
  const model = tfl.sequential({ layers: [layer, tfl.layers.dense({ units: 2 })] });
  randomizeWeights(model);
  const [x, next] = [randomTensor([2, 4, 2], 1), randomTensor([2, 4, 2], 2)];
  tf.dispose(predict(model, [x]));
  const left = statesIn(layer).map((state) => tf.clone(state));
  const made = plan(model, 'epsilon');
  const explanation = made.explain(next);
  for (const row of await made.check(next)) expect(row.difference).toBeLessThan(1e-5);
  for (const [index, state] of statesIn(layer).entries()) await expectSame(state, at(left, index));
  const ledger = await explanation.conservation();
  expect(ledger.verdict).toBe('closed');
  expect(Math.abs(ledger.rows.find((row) => row.step === 'scan over time')?.initialState ?? 0)).toBeGreaterThan(1e-4);
  await expectClose(at(explanation.outputs, 0).value, at(predict(model, [next]), 0));
  for (const disposable of [explanation, made, model]) disposable.dispose();
});

test('both directions keep their own states', async () => {
  const wrapped = recurrent('gru', { units: 3, stateful: true, returnSequences: true });
  const layer = tfl.layers.bidirectional({ layer: wrapped, mergeMode: 'sum', batchInputShape: [1, 4, 2] });
  const model = tfl.sequential({ layers: [layer] });
  randomizeWeights(model);
  const x = randomTensor([1, 4, 2], 1);
  tf.dispose(predict(model, [x]));
  const made = plan(model, 'epsilon');
  const before = tensorCount();
  for (const row of await made.check(x)) expect(row.difference).toBeLessThan(1e-5);
  expect(tensorCount()).toBe(before);
  const explanation = made.explain(x, { target: { unit: 'all' } });
  await expectClose(at(explanation.outputs, 0).value, at(predict(model, [x]), 0));
  for (const disposable of [explanation, made, model]) disposable.dispose();
});

test('another batch size than the layer’s is refused', () => {
  const layer = recurrent('lstm', { units: 3, stateful: true, batchInputShape: [2, 4, 2] });
  const model = tfl.sequential({ layers: [layer] });
  const made = plan(model, 'epsilon');
  const x = randomTensor([3, 4, 2]);
  expect(() => made.explain(x)).toThrow(InputError);
  for (const disposable of [made, model, x]) disposable.dispose();
});
