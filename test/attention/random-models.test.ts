// Generated attention models, of layers that every tfjs has: their steps give what the model gives, and every account closes.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { explain } from '../../src/index.js';
import {
  apply,
  at,
  expectClose,
  expectNumbersClose,
  numbers,
  predict,
  randomizeWeights,
  tensorCount,
} from '../explanation/tools.js';
import { onCpu } from '../on-cpu.js';
import { runs } from '../runs.js';

const VOCABULARY = 9;

const block = fc.record({
  heads: fc.integer({ min: 1, max: 2 }),
  size: fc.integer({ min: 1, max: 3 }),
  /** What each position attends to: its own sequence, or the words as they came in. */
  cross: fc.boolean(),
  normalized: fc.constantFrom('before', 'after', 'never'),
  link: fc.constantFrom('layer', 'activation'),
  feedForward: fc.constantFrom(null, 'relu', 'gelu', 'swish'),
});

const description = fc.record({
  times: fc.integer({ min: 2, max: 5 }),
  /** Layer normalization of fewer features divides by spreads near zero, which magnifies rounding. */
  features: fc.integer({ min: 5, max: 7 }),
  batch: fc.integer({ min: 1, max: 3 }),
  /** What reads the words before attention does. */
  first: fc.constantFrom(null, 'bidirectional', 'masked bidirectional', 'time-distributed', 'convolution'),
  blocks: fc.array(block, { minLength: 1, maxLength: 2 }),
  pooled: fc.constantFrom('mean', 'max', 'flat', 'lstm'),
  seed: fc.integer({ min: 1, max: 1000 }),
});

type Block = typeof block extends fc.Arbitrary<infer T> ? T : never;
type Description = typeof description extends fc.Arbitrary<infer T> ? T : never;

/** Adds what the positions attend to, and a feed-forward pair of layers, as the blocks of a transformer do. */
function addBlock(x: tfl.SymbolicTensor, words: tfl.SymbolicTensor, made: Block): tfl.SymbolicTensor {
  const features = Number(x.shape[2]);
  const normalize = (when: Block['normalized'], signal: tfl.SymbolicTensor) =>
    made.normalized === when ? apply(tfl.layers.layerNormalization(), signal) : signal;
  const asking = normalize('before', x);
  const heads = Array.from({ length: made.heads }, () => head(asking, made.cross ? words : asking, made));
  const joined = heads.length > 1 ? apply(tfl.layers.concatenate(), heads) : at(heads, 0);
  const context = apply(tfl.layers.dense({ units: features }), joined);
  const attended = normalize('after', apply(tfl.layers.add(), [x, context]));
  if (made.feedForward === null) return attended;
  const wide = apply(tfl.layers.dense({ units: features + 2 }), attended);
  // The names of tfjs-layers' type leave out a few that it knows.
  const active = apply(tfl.layers.activation({ activation: made.feedForward as 'relu' }), wide);
  return apply(tfl.layers.add(), [attended, apply(tfl.layers.dense({ units: features }), active)]);
}

/** `softmax(Q Kᵀ) V` by Dense, Dot and Softmax. */
function head(x: tfl.SymbolicTensor, source: tfl.SymbolicTensor, { size, link }: Block): tfl.SymbolicTensor {
  const project = (signal: tfl.SymbolicTensor) => apply(tfl.layers.dense({ units: size }), signal);
  const scores = apply(tfl.layers.dot({ axes: [2, 2] }), [project(x), project(source)]);
  const softmax =
    link === 'layer' ? tfl.layers.softmax({ axis: -1 }) : tfl.layers.activation({ activation: 'softmax' });
  return apply(tfl.layers.dot({ axes: [2, 1] }), [apply(softmax, scores), project(source)]);
}

function addFirst(x: tfl.SymbolicTensor, first: Description['first']): tfl.SymbolicTensor {
  const units = Number(x.shape[2]);
  if (first === null) return x;
  if (first === 'convolution') return apply(tfl.layers.conv1d({ filters: units, kernelSize: 2, padding: 'same' }), x);
  if (first === 'time-distributed') {
    return apply(tfl.layers.timeDistributed({ layer: tfl.layers.dense({ units, activation: 'tanh' }) }), x);
  }
  // Merge modes but concat are wrongly typed as strings; the orthogonal initializer needs chained ops.
  const layer = tfl.layers.gru({ units, returnSequences: true, recurrentInitializer: 'glorotNormal' }) as tfl.RNN;
  const read = apply(tfl.layers.bidirectional({ layer, mergeMode: 'sum' }), x);
  // Reshape ends the mask: tfjs cannot add a tensor that has one to another that has none.
  return apply(tfl.layers.reshape({ targetShape: x.shape.slice(1) }), read);
}

function pool(x: tfl.SymbolicTensor, pooled: Description['pooled']): tfl.SymbolicTensor {
  const layers = {
    mean: () => tfl.layers.globalAveragePooling1d(),
    max: () => tfl.layers.globalMaxPooling1d(),
    flat: () => tfl.layers.flatten(),
    lstm: () => tfl.layers.lstm({ units: 2, recurrentInitializer: 'glorotNormal' }),
  };
  return apply(layers[pooled](), x);
}

function build({ times, features, first, blocks, pooled, seed }: Description): tfl.LayersModel {
  const tokens = tfl.input({ shape: [times] });
  // tfjs hands the last mask there was to all layers after it, also where their input has none: not to those that read it.
  const deaf = pooled !== 'lstm' && blocks.every(({ link }) => link === 'activation');
  const maskZero = first === 'masked bidirectional' && deaf;
  const embedding = tfl.layers.embedding({ inputDim: VOCABULARY, outputDim: features, maskZero });
  const words = addFirst(apply(embedding, tokens), first);
  const read = blocks.reduce((x, made) => addBlock(x, words, made), words);
  const model = tfl.model({ inputs: tokens, outputs: apply(tfl.layers.dense({ units: 2 }), pool(read, pooled)) });
  randomizeWeights(model, seed);
  return model;
}

/** Tokens, of which 0, masked or a word like others, turns up now and then. */
function sentences({ times, seed }: Description, batch: number): tf.Tensor {
  const tokens = Array.from(
    { length: batch * times },
    (_, index) => (seed * 7 + index * index * 3 + index) % VOCABULARY,
  );
  return tf.tensor2d(tokens, [batch, times]);
}

test.each(['epsilon', 'attn-lrp', 'cp-lrp'])('steps reproduce, ledgers close, tensors end: %s', async (rules) => {
  await fc.assert(
    fc.asyncProperty(description, async (made) => {
      const model = build(made);
      const x = sentences(made, made.batch);
      // webgpu takes every time step of a masked recurrent layer for masked.
      const expected = await onCpu(() => predict(model, [x]), model, x);
      const before = tensorCount();
      const explanation = explain(model, x, rules);
      await expectClose(at(explanation.outputs, 0).value, at(expected, 0));
      const ledger = await explanation.conservation();
      expect(ledger.worst?.relativeResidual).toBeLessThan(1e-5);
      explanation.dispose();
      expect(tensorCount()).toBe(before);
      tf.dispose([x, ...expected]);
      model.dispose();
    }),
    { numRuns: runs(15) },
  );
});

test('a batch is its samples, one by one', async () => {
  await fc.assert(
    fc.asyncProperty(description, fc.constantFrom('attn-lrp', 'cp-lrp'), async (made, rules) => {
      const model = build(made);
      const x = sentences(made, 3);
      const together = explain(model, x, rules, { target: 1 });
      const embedded = (one: typeof together) => at(one.layer(at(model.layers, 1).name).outputs, 0);
      const all = await numbers(embedded(together));
      const size = all.length / 3;
      for (const [index, sample] of tf.split(x, 3).entries()) {
        const alone = explain(model, sample, rules, { target: 1 });
        expectNumbersClose(all.slice(index * size, (index + 1) * size), await numbers(embedded(alone)));
        alone.dispose();
        sample.dispose();
      }
      for (const disposable of [together, x, model]) disposable.dispose();
    }),
    { numRuns: runs(15) },
  );
});
