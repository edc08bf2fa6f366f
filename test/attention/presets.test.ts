// AttnLRP and CP-LRP on attention layers, and on the same attention assembled from Dense, Dot and Softmax.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explain, plan } from '../../src/index.js';
import { at, expectNumbersClose, numbers, randomizeWeights, randomTensor, tensorCount } from '../explanation/tools.js';
import { runs } from '../runs.js';
import { awaken, input, layers, MultiHeadAttention, model } from './nlp.js';

type Symbolic = ReturnType<typeof input>;
type Attention = InstanceType<typeof MultiHeadAttention>;

const PRESETS = ['attn-lrp', 'cp-lrp'] as const;

interface Spec {
  readonly heads: number;
  readonly size: number;
  readonly time: number;
  readonly features: number;
  readonly normalizeFirst: boolean;
  readonly causal: boolean;
  readonly cross: boolean;
  readonly seed: number;
}

const SPEC: Spec = {
  heads: 2,
  size: 3,
  time: 4,
  features: 5,
  normalizeFirst: true,
  causal: false,
  cross: false,
  seed: 1,
};

/** A block of attention, residual sum, normalization and two dense layers, averaged over time. */
async function attentionModel({ heads, size, time, features, normalizeFirst, causal, cross, seed }: Spec) {
  const attention = new MultiHeadAttention({ numHeads: heads, keyDim: size, name: 'attention' });
  await awaken(attention, [1, time, features], { value: tf.zeros([1, time, features]) }, seed);
  const x = input({ shape: [time, features] });
  const other = cross ? input({ shape: [time, features] }) : x;
  const normed = normalizeFirst ? (layers.layerNormalization({ name: 'norm' }).apply(x) as Symbolic) : x;
  const args = { value: cross ? other : normed, ...(causal ? { useCausalMask: true } : {}) };
  const attended = attention.apply(normed, args as never) as Symbolic;
  const sum = layers.add({ name: 'sum' }).apply([x, attended]) as Symbolic;
  const hidden = layers.dense({ units: 6, activation: 'gelu_new', name: 'hidden' }).apply(sum) as Symbolic;
  const mean = layers.globalAveragePooling1d({ name: 'mean' }).apply(hidden) as Symbolic;
  const outputs = layers.dense({ units: 3, name: 'classes' }).apply(mean) as Symbolic;
  const built = model({ inputs: cross ? [x, other] : x, outputs });
  randomizeWeights(built, seed);
  return { attention, built };
}

/** The same with one Dense layer per projection and head. */
async function assembledModel(spec: Spec) {
  const { attention, built } = await attentionModel(spec);
  const { heads, size, time, features } = spec;
  const x = input({ shape: [time, features] });
  const normed = layers.layerNormalization({ name: 'norm' }).apply(x) as Symbolic;
  const contexts = Array.from({ length: heads }, (_, head) => {
    const dense = (part: string) => layers.dense({ units: size, name: `${part}_${head}` }).apply(normed) as Symbolic;
    const scores = layers.dot({ axes: 2, name: `scores_${head}` }).apply([dense('query'), dense('key')]) as Symbolic;
    const scaled = layers.rescaling({ scale: 1 / Math.sqrt(size), name: `scale_${head}` }).apply(scores) as Symbolic;
    const weights = layers.softmax({ axis: -1, name: `softmax_${head}` }).apply(scaled) as Symbolic;
    return layers.dot({ axes: [2, 1], name: `context_${head}` }).apply([weights, dense('value')]) as Symbolic;
  });
  const heard = heads === 1 ? at(contexts, 0) : (layers.concatenate({ axis: 2 }).apply(contexts) as Symbolic);
  const attended = layers.dense({ units: features, name: 'output' }).apply(heard) as Symbolic;
  const sum = layers.add({ name: 'sum' }).apply([x, attended]) as Symbolic;
  const hidden = layers.dense({ units: 6, activation: 'gelu_new', name: 'hidden' }).apply(sum) as Symbolic;
  const mean = layers.globalAveragePooling1d({ name: 'mean' }).apply(hidden) as Symbolic;
  const assembled = model({ inputs: x, outputs: layers.dense({ units: 3, name: 'classes' }).apply(mean) as Symbolic });
  for (const name of ['norm', 'hidden', 'classes']) {
    assembled.getLayer(name).setWeights(built.getLayer(name).getWeights());
  }
  copyProjections(attention, assembled, spec);
  return { built, assembled };
}

/** From `[features, heads, size]` to a kernel for each head. */
function copyProjections(attention: Attention, assembled: ReturnType<typeof model>, { heads, size, features }: Spec) {
  tf.tidy(() => {
    const parts = { query: attention._queryDense, key: attention._keyDense, value: attention._valueDense };
    for (const [name, dense] of Object.entries(parts)) {
      const [kernel, bias] = [at(dense.getWeights(), 0), at(dense.getWeights(), 1)];
      for (let head = 0; head < heads; head++) {
        assembled
          .getLayer(`${name}_${head}`)
          .setWeights([
            tf.reshape(tf.slice(kernel, [0, head, 0], [features, 1, size]), [features, size]),
            tf.reshape(tf.slice(bias, [head, 0], [1, size]), [size]),
          ]);
      }
    }
    const [kernel, bias] = [at(attention._outputDense.getWeights(), 0), at(attention._outputDense.getWeights(), 1)];
    assembled.getLayer('output').setWeights([tf.reshape(kernel, [heads * size, features]), bias]);
  });
}

describe.each(PRESETS)('%s', (preset) => {
  test.each([1, 2])('with %i heads: the layer as what it is made of', async (heads) => {
    const { built, assembled } = await assembledModel({ ...SPEC, heads });
    const x = randomTensor([2, 4, 5]);
    const [one, other] = [built, assembled].map((own) => explain(own, x, preset, { target: [0, 2] }));
    expectNumbersClose(
      await numbers(at(one?.inputs ?? [], 0).relevance),
      await numbers(at(other?.inputs ?? [], 0).relevance),
      1e-4,
    );
    expectNumbersClose(
      await numbers(at(one?.outputs ?? [], 0).value),
      await numbers(at(other?.outputs ?? [], 0).value),
    );
    one?.dispose();
    other?.dispose();
  });

  test('generated models: the ledger closes, a batch is its samples, nothing leaks', async () => {
    const specs = fc.record({
      heads: fc.integer({ min: 1, max: 3 }),
      size: fc.integer({ min: 1, max: 4 }),
      time: fc.integer({ min: 1, max: 5 }),
      features: fc.integer({ min: 2, max: 6 }),
      normalizeFirst: fc.boolean(),
      causal: fc.boolean(),
      cross: fc.boolean(),
      seed: fc.integer({ min: 1, max: 1000 }),
    });
    await fc.assert(
      fc.asyncProperty(specs, (spec) => checkModel(spec, preset)),
      { numRuns: runs(12), seed: 5 },
    );
  });
});

async function checkModel(spec: Spec, preset: (typeof PRESETS)[number]): Promise<void> {
  const { built } = await attentionModel(spec);
  const shape = [spec.time, spec.features];
  const xs = (spec.cross ? [1, 2] : [1]).map((seed) => randomTensor([3, ...shape], seed + spec.seed));
  const before = tensorCount();
  const reused = plan(built, preset);
  const whole = reused.explain(xs, { target: 1 });
  const ledger = await whole.conservation();
  expect(ledger.verdict, String(ledger)).toBe('closed');
  const relevance = await Promise.all(whole.inputs.map((one) => numbers(one.relevance)));
  for (let sample = 0; sample < 3; sample++) {
    const own = tf.tidy(() => xs.map((x) => tf.slice(x, [sample, 0, 0], [1, ...shape])));
    const single = reused.explain(own, { target: 1 });
    for (const [index, { relevance: alone }] of single.inputs.entries()) {
      const size = spec.time * spec.features;
      const expected = at(relevance, index).slice(sample * size, (sample + 1) * size);
      expectNumbersClose(await numbers(alone), expected, 1e-4);
    }
    tf.dispose(own);
    single.dispose();
  }
  whole.dispose();
  reused.dispose();
  expect(tensorCount()).toBe(before);
  tf.dispose(xs);
}

describe('what attention may not see', () => {
  test.each(PRESETS)('earns exactly nothing with %s, causal', async (preset) => {
    const { built } = await attentionModel({ ...SPEC, causal: true });
    // Explains the first position alone, which may only attend to itself.
    const explanation = explain(built, randomTensor([4, 5]), preset, {
      target: { layer: 'attention', unit: [0, 2] },
    });
    const relevance = await numbers(at(explanation.inputs, 0).relevance);
    expect(relevance.slice(5).every((value) => value === 0)).toBe(true);
    expect(relevance.slice(0, 5).every((value) => value !== 0)).toBe(true);
    explanation.dispose();
  });

  test.each(PRESETS)('a padded token with %s', async (preset) => {
    const tokens = input({ shape: [4] });
    const embedding = layers.embedding({ inputDim: 6, outputDim: 5, maskZero: true, name: 'embedding' });
    const attention = new MultiHeadAttention({ numHeads: 2, keyDim: 3, name: 'attention' });
    await awaken(attention, [1, 4, 5], { value: tf.zeros([1, 4, 5]) });
    const rows = embedding.apply(tokens) as Symbolic;
    const built = model({ inputs: tokens, outputs: attention.apply(rows, { value: rows } as never) as Symbolic });
    randomizeWeights(built);
    const explanation = explain(built, tf.tensor1d([3, 1, 0, 0]), preset, { target: { unit: [1, 2] } });
    const [first, second, ...padded] = await numbers(at(explanation.inputs, 0).relevance);
    expect([first, second].every((value) => value !== 0)).toBe(true);
    expect(padded.every((value) => value === 0)).toBe(true);
    expect((await explanation.conservation()).verdict).toBe('closed');
    explanation.dispose();
  });

  // tfjs takes 10^9 from every score of such a row, which leaves them equal: the row attends to everything alike.
  test.each(PRESETS)('a row in which everything is masked stays finite with %s', async (preset) => {
    const attention = new MultiHeadAttention({ numHeads: 1, keyDim: 3, name: 'attention' });
    await awaken(attention, [1, 3, 5], { value: tf.zeros([1, 3, 5]) });
    const [x, mask] = [input({ shape: [3, 5] }), input({ shape: [3, 3] })];
    const output = attention.apply(x, { value: x, attentionMask: mask } as never) as Symbolic;
    const built = model({ inputs: [x, mask], outputs: output });
    const explanation = explain(built, [randomTensor([3, 5]), tf.zeros([3, 3])], preset, { target: { unit: [1, 2] } });
    const ledger = await explanation.conservation();
    expect(ledger.verdict, String(ledger)).toBe('closed');
    const relevance = await numbers(at(explanation.inputs, 0).relevance);
    expect(relevance.every((value) => Math.abs(value) < 100)).toBe(true);
    explanation.dispose();
  });
});

test('the plan says which rule meets which part', async () => {
  const { built } = await attentionModel(SPEC);
  const rows = PRESETS.map((preset) => {
    const reused = plan(built, preset);
    const own = reused.rows.filter(({ address }) => address.startsWith('attention'));
    reused.dispose();
    return own.map(({ address, step, rule }) => `${address} | ${step} | ${rule}`);
  });
  const [taylor = [], constant = []] = rows;
  expect(taylor).toMatchInlineSnapshot(`
    [
      "attention:query | einsum abc,cde->abde | epsilon(epsilon=1e-6)",
      "attention:source | identity | move",
      "attention:value | einsum abc,cde->abde | epsilon(epsilon=1e-6)",
      "attention:key | einsum abc,cde->abde | epsilon(epsilon=1e-6)",
      "attention:scale | rescale | pass",
      "attention:query.heads | permute | move",
      "attention:key.heads | permute | move",
      "attention:scores | scores | uniform(stabilizer=1e-8)",
      "attention:softmax | softmax | softmax-taylor",
      "attention:value.heads | permute | move",
      "attention:context | context | uniform(stabilizer=1e-8)",
      "attention:heads | permute | move",
      "attention:output | einsum abcd,cde->abe | epsilon(epsilon=1e-6)",
    ]
  `);
  // Nothing reaches the softmax and the scores: their rules do not matter.
  expect(constant.filter((row) => !taylor.includes(row))).toMatchInlineSnapshot(`
    [
      "attention:scores | scores | uniform",
      "attention:context | context | signal-take-all(operand=1, stabilizer=1e-6)",
    ]
  `);
});
