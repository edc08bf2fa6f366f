// MultiHeadAttention by steps, against the layer's own `call`. tfjs can build a model with one but not run it.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { trace } from '../../src/graph/trace.js';
import { defaultRegistry } from '../../src/layers/default-registry.js';
import { lower } from '../../src/plan/lower.js';
import { at, randomTensor, stepsReproduce } from '../layers/reproduce.js';
import { onCpu } from '../on-cpu.js';
import { awaken, CachedMultiHeadAttention, input, layers, MultiHeadAttention, model } from './nlp.js';

type Symbolic = ReturnType<typeof input>;
type Options = ConstructorParameters<typeof MultiHeadAttention>[0];

interface Case {
  readonly name: string;
  readonly options?: Partial<Options>;
  readonly query?: readonly number[];
  readonly value?: readonly number[];
  readonly key?: readonly number[];
  /** Shape of the mask of pairs, batch included. */
  readonly mask?: readonly number[];
  readonly causal?: boolean;
}

const CASES: readonly Case[] = [
  { name: 'self-attention' },
  { name: 'one head', options: { numHeads: 1 } },
  { name: 'no bias', options: { useBias: false } },
  { name: 'values of another size', options: { valueDim: 4 } },
  { name: 'output of another size', options: { outputShape: [7] } },
  { name: 'output of two axes', options: { outputShape: [2, 3] } },
  { name: 'dropout, which does nothing', options: { dropout: 0.5 } },
  { name: 'another sequence', value: [5, 6] },
  { name: 'another sequence with keys of their own', value: [5, 6], key: [5, 2] },
  { name: 'keys of their own', key: [3, 2] },
  { name: 'causal', causal: true },
  { name: 'causal, another sequence', value: [5, 6], causal: true },
  { name: 'mask of pairs', mask: [2, 3, 3] },
  { name: 'mask of pairs for all samples', mask: [1, 3, 3] },
  { name: 'mask of pairs by head', mask: [2, 2, 3, 3] },
  { name: 'mask of pairs, causal', mask: [2, 3, 3], causal: true },
  { name: 'mask of pairs, another sequence', value: [5, 6], mask: [2, 3, 5] },
  { name: 'over two axes', query: [2, 3, 6] },
  { name: 'over the second of two axes', query: [2, 3, 6], options: { attentionAxes: 2 } },
  { name: 'over the first of two axes', query: [2, 3, 6], options: { attentionAxes: [1] } },
  { name: 'over the last two of three axes', query: [2, 2, 3, 6], options: { attentionAxes: [2, 3] } },
  { name: 'over two axes, mask of pairs', query: [2, 3, 6], mask: [2, 2, 3, 2, 3] },
  {
    name: 'over the second of two axes, mask of pairs',
    query: [2, 3, 6],
    options: { attentionAxes: 2 },
    mask: [2, 3, 3],
  },
];

const classes = { MultiHeadAttention, CachedMultiHeadAttention };

describe.each(['MultiHeadAttention', 'CachedMultiHeadAttention'] as const)('%s', (name) => {
  const Class = classes[name];
  // With a cache the layer knows no causal mask: its caller makes one.
  test.each(CASES.filter(({ causal }) => name === 'MultiHeadAttention' || !causal))('$name', async (given) => {
    const { query = [3, 6], value = query, key, mask, causal } = given;
    const layer = new Class({ numHeads: 2, keyDim: 3, ...given.options });
    const xs = [query, value, ...(key ? [key] : [])].map((shape, index) => randomTensor([2, ...shape], index + 1));
    const self = given.value === undefined && !key;
    const [q = tf.zeros([1]), v = q, k] = self ? [at(xs, 0)] : xs;
    const pairs = mask ? tf.tidy(() => tf.cast(tf.greater(randomTensor(mask, 9), -0.3), 'int32')) : undefined;
    const args = { value: v, ...(k ? { key: k } : {}), ...(pairs ? { attentionMask: pairs } : {}) };
    const flags = causal ? { useCausalMask: true } : {};
    await awaken(layer, [2, ...query], { value: tf.zeros(v.shape), ...(k ? { key: tf.zeros(k.shape) } : {}) });
    const expected = await onCpu(() => layer.call(q, { ...args, ...flags }), layer, ...xs, ...(pairs ? [pairs] : []));
    const inputs = [query, ...(self ? [] : [value]), ...(key ? [key] : [])].map((shape) =>
      input({ shape: [...shape] }),
    );
    const maskInput = mask ? input({ batchShape: [null, ...mask.slice(1)], dtype: 'int32' }) : undefined;
    const [first, second = first, third] = inputs;
    const output = layer.apply(
      first as Symbolic,
      {
        value: second as Symbolic,
        ...(third ? { key: third } : {}),
        ...(maskInput ? { attentionMask: maskInput } : {}),
        ...flags,
      } as never,
    ) as Symbolic;
    const built = model({ inputs: [...inputs, ...(maskInput ? [maskInput] : [])], outputs: output });
    const tensors = [q, ...(self ? [] : [v]), ...(k ? [k] : []), ...(pairs ? [pairs] : [])];
    const names = await stepsReproduce(built, tensors, { keepWeights: true, expected: [expected] });
    expect(names).toEqual(expect.arrayContaining(['scores', 'softmax', 'context']));
  });
});

describe('masks of time steps', () => {
  test.each([false, true])('of query and value, causal: %s', async (useCausalMask) => {
    const tokens = tf.tensor2d([1, 2, 0, 3, 0, 0], [2, 3]);
    const embedding = layers.embedding({ inputDim: 5, outputDim: 6, maskZero: true });
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3 });
    await awaken(layer, [2, 3, 6], { value: tf.zeros([2, 3, 6]) });
    const x = input({ shape: [3] });
    const embedded = embedding.apply(x) as Symbolic;
    const output = layer.apply(embedded, { value: embedded, useCausalMask } as never) as Symbolic;
    const built = model({ inputs: x, outputs: output });
    embedding.setWeights([randomTensor([5, 6], 5)]);
    // Embedding marks its own output where it is called on tensors.
    const expected = await onCpu(
      () => {
        const rows = embedding.apply(tokens) as tf.Tensor;
        return layer.call(rows, { value: rows, useCausalMask });
      },
      embedding,
      layer,
      tokens,
    );
    const names = await stepsReproduce(built, [tokens], { keepWeights: true, expected: [expected] });
    expect(names).toContain('softmax');
  });
});

describe('a model with one', () => {
  test('is built by tfjs but cannot be run by it', async () => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, name: 'attention' });
    await awaken(layer, [2, 3, 6], { value: tf.zeros([2, 3, 6]) });
    const x = input({ shape: [3, 6] });
    const built = model({ inputs: x, outputs: layer.apply(x, { value: x } as never) as Symbolic });
    expect(() => built.predict(tf.zeros([2, 3, 6]))).toThrow('Must pass in `value` argument in `kwargs.`');
    await expect(
      onCpu(() => layer.apply(tf.zeros([2, 3, 6]), { value: tf.zeros([2, 3, 6]) } as never)),
    ).rejects.toThrow();
  });

  test('has no weights before it is called', () => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, name: 'attention' });
    expect(problemOf(layer)).toMatchInlineSnapshot(
      `"Layer "attention" (class MultiHeadAttention) at attention: it has no weights yet: tfjs makes them when the layer is first called. Call layer.call(query, {value}) once with tensors of the right shapes before planning."`,
    );
  });

  test.each([
    [{ useCausalMask: true }, {}, 'masks of time steps and causal masks need attention over axis 1 alone, as in tfjs.'],
    [
      {},
      { attentionAxes: [3] },
      'its attentionAxes are [3]. They must lie between the batch, axis 0, and the features,',
    ],
    [{ attentionMask: [[1]] }, {}, 'its attentionMask is no tensor of the model. Make it an input of the model.'],
    [{ cache: [[1]] }, {}, 'it is called with a cache of keys and values. Explain the whole sequence without one.'],
  ])('refuses %j %j', async (args, options, message) => {
    const layer = new MultiHeadAttention({ numHeads: 2, keyDim: 3, name: 'attention' });
    await awaken(layer, [2, 2, 3, 6], { value: tf.zeros([2, 2, 3, 6]) });
    Object.assign(layer, options);
    expect(problemOf(layer, args, [2, 3, 6])).toContain(message);
  });
});

function problemOf(
  layer: MultiHeadAttention,
  args: object = {},
  shape: readonly number[] = [3, 6],
): string | undefined {
  const x = input({ shape: [...shape] });
  const built = model({ inputs: x, outputs: layer.apply(x, { value: x, ...args } as never) as Symbolic });
  return lower(trace(built), defaultRegistry).problems[0]?.message;
}
