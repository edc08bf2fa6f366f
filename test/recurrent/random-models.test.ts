// Generated recurrent models: their steps give what the model gives, and every account closes.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explain } from '../../src/index.js';
import { expectClose, expectNumbersClose, numbers, randomizeWeights, tensorCount } from '../explanation/tools.js';
import { at, predictOnCpu, randomTensor } from '../layers/reproduce.js';
import { runs } from '../runs.js';
import { cell, KINDS, recurrent, withGaps } from './models.js';

const layer = fc.record({
  kind: fc.constantFrom(...KINDS),
  /** Two cells on each other in one layer; those cannot be wrapped. */
  stacked: fc.boolean(),
  units: fc.integer({ min: 1, max: 4 }),
  goBackwards: fc.boolean(),
  wrapped: fc.constantFrom(null, 'concat', 'sum', 'mul'),
  activation: fc.constantFrom('tanh', 'relu', 'softsign'),
});

const description = fc.record({
  times: fc.integer({ min: 1, max: 5 }),
  features: fc.integer({ min: 1, max: 3 }),
  batch: fc.integer({ min: 1, max: 2 }),
  masked: fc.boolean(),
  layers: fc.array(layer, { minLength: 1, maxLength: 3 }),
  timeDistributed: fc.boolean(),
  seed: fc.integer({ min: 1, max: 1000 }),
});

type Description = typeof description extends fc.Arbitrary<infer T> ? T : never;

function build({ times, features, masked, layers, timeDistributed, seed }: Description): tfl.LayersModel {
  const model = tfl.sequential();
  model.add(
    masked
      ? tfl.layers.masking({ inputShape: [times, features] })
      : tfl.layers.dropout({ rate: 0.5, inputShape: [times, features] }),
  );
  if (timeDistributed) model.add(tfl.layers.timeDistributed({ layer: tfl.layers.dense({ units: 3 }) }));
  for (const [index, { kind, stacked, wrapped, units, goBackwards, activation }] of layers.entries()) {
    const shared = { goBackwards, returnSequences: index < layers.length - 1 };
    if (stacked) {
      const cells = [cell(kind, { units, activation }), cell('gru', { units: units + 1 })];
      model.add(tfl.layers.rnn({ cell: cells, ...shared }));
      continue;
    }
    const made = recurrent(kind, { units, activation, ...shared });
    model.add(wrapped ? tfl.layers.bidirectional({ layer: made, mergeMode: wrapped as 'concat' }) : made);
  }
  model.add(tfl.layers.dense({ units: 2 }));
  randomizeWeights(model, seed);
  return model;
}

/** Random inputs; where the model masks, some time steps are zero in every feature. */
function inputOf({ batch, times, features, masked, seed }: Description): tf.Tensor {
  const x = randomTensor([batch, times, features], seed);
  return masked ? withGaps(x) : x;
}

test('steps reproduce, ledgers close, tensors end', async () => {
  await fc.assert(
    fc.asyncProperty(description, async (made) => {
      const model = build(made);
      const x = inputOf(made);
      const expected = await predictOnCpu(model, [x]);
      const before = tensorCount();
      const explanation = explain(model, x, 'recurrent');
      await expectClose(at(explanation.outputs, 0).value, at(expected, 0));
      const ledger = await explanation.conservation();
      expect(ledger.worst?.relativeResidual).toBeLessThan(1e-5);
      explanation.dispose();
      expect(tensorCount()).toBe(before);
      tf.dispose([x, ...expected]);
      model.dispose();
    }),
    { numRuns: runs(25) },
  );
});

test('a batch is its samples, one by one', async () => {
  await fc.assert(
    fc.asyncProperty(description, async (made) => {
      const model = build(made);
      const x = inputOf({ ...made, batch: 3 });
      const together = explain(model, x, 'recurrent', { target: 1, keep: 'inputs' });
      const all = await numbers(at(together.inputs, 0).relevance);
      const size = all.length / 3;
      for (const [index, sample] of tf.split(x, 3).entries()) {
        const alone = explain(model, sample, 'recurrent', { target: 1, keep: 'inputs' });
        const own = await numbers(at(alone.inputs, 0).relevance);
        expectNumbersClose(all.slice(index * size, (index + 1) * size), own);
        alone.dispose();
        sample.dispose();
      }
      for (const disposable of [together, x, model]) disposable.dispose();
    }),
    { numRuns: runs(15) },
  );
});
