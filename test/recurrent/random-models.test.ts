// Generated recurrent models: their steps give what the model gives, and every account closes.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explain } from '../../src/index.js';
import { expectClose, randomizeWeights, tensorCount } from '../explanation/tools.js';
import { at, predict, randomTensor } from '../layers/reproduce.js';
import { runs } from '../runs.js';
import { KINDS, recurrent } from './models.js';

const layer = fc.record({
  kind: fc.constantFrom(...KINDS),
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
  for (const [index, { kind, wrapped, ...options }] of layers.entries()) {
    const made = recurrent(kind, { ...options, returnSequences: index < layers.length - 1 });
    model.add(wrapped ? tfl.layers.bidirectional({ layer: made, mergeMode: wrapped as 'concat' }) : made);
  }
  model.add(tfl.layers.dense({ units: 2 }));
  randomizeWeights(model, seed);
  return model;
}

test('steps reproduce, ledgers close, tensors end', async () => {
  await fc.assert(
    fc.asyncProperty(description, async (made) => {
      const model = build(made);
      const x = randomTensor([made.batch, made.times, made.features], made.seed);
      const expected = predict(model, [x]);
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
