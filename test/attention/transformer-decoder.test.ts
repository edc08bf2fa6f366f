// TransformerDecoder and PositionEmbedding by steps, against the layers' own `call`.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { trace } from '../../src/graph/trace.js';
import { explain } from '../../src/index.js';
import { defaultRegistry } from '../../src/layers/default-registry.js';
import { lower } from '../../src/plan/lower.js';
import { numbers } from '../explanation/tools.js';
import { randomizeWeights, randomTensor, stepsReproduce } from '../layers/reproduce.js';
import { onCpu } from '../on-cpu.js';
import { awaken, GPT2Backbone, input, model, PositionEmbedding, TransformerDecoder } from './nlp.js';

type Symbolic = ReturnType<typeof input>;

const MASKS = [
  { name: 'no mask', args: {}, masks: {} },
  { name: 'causal', args: { useCausalMask: true }, masks: {} },
  { name: 'padding', args: {}, masks: { decoderPaddingMask: [4] } },
  { name: 'padding, causal', args: { useCausalMask: true }, masks: { decoderPaddingMask: [4] } },
  { name: 'pairs', args: {}, masks: { decoderAttentionMask: [4, 4] } },
  { name: 'padding and pairs', args: {}, masks: { decoderPaddingMask: [4], decoderAttentionMask: [4, 4] } },
] as const;

describe.each([true, false])('TransformerDecoder, normalizing first: %s', (normalizeFirst) => {
  test.each(MASKS)('$name', async ({ args, masks }) => {
    const layer = new TransformerDecoder({ intermediateDim: 5, numHeads: 2, normalizeFirst, dropout: 0.2 });
    await awakenDecoder(layer);
    const x = randomTensor([2, 4, 6]);
    const given = Object.entries(masks).map(([name, shape], index) => {
      const mask = tf.tidy(() => tf.cast(tf.greater(randomTensor([2, ...shape], index + 3), -0.5), 'int32'));
      return { name, mask, symbol: input({ shape: [...shape], dtype: 'int32' }) };
    });
    const named = (key: 'mask' | 'symbol') => Object.fromEntries(given.map((one) => [one.name, one[key]]));
    const expected = await onCpu(
      () => layer.call(x, { ...named('mask'), ...args } as never),
      layer,
      x,
      ...given.map((one) => one.mask),
    );
    const symbol = input({ shape: [4, 6] });
    const output = layer.apply(symbol, { ...named('symbol'), ...args } as never) as Symbolic;
    const built = model({ inputs: [symbol, ...given.map((one) => one.symbol)], outputs: output });
    const names = await stepsReproduce(built, [x, ...given.map((one) => one.mask)], {
      keepWeights: true,
      expected: [expected],
    });
    expect(names.filter((name) => name === 'layer norm')).toHaveLength(2);
  });
});

describe('a model with a TransformerDecoder', () => {
  // tfjs hands the layer a list and adds it to a tensor.
  test('is built by tfjs, and answers NaN', async () => {
    const { built } = await decoderModel();
    const y = await onCpu(() => built.predict(tf.zeros([1, 4, 6])) as tf.Tensor, built);
    expect((await numbers(y)).every(Number.isNaN)).toBe(true);
    y.dispose();
  });

  test('is explained by what the layer computes when it is called', async () => {
    const { built, layer } = await decoderModel();
    const x = randomTensor([2, 4, 6]);
    const explanation = explain(built, x, 'attn-lrp', { target: [2, 3] });
    const expected = await onCpu(() => layer.call(x, {} as never), layer, x);
    expect((await explanation.conservation()).verdict).toBe('closed');
    const [own, theirs] = [await numbers(explanation.outputs[0]?.value ?? x), await numbers(expected)];
    for (const [index, value] of own.entries()) expect(value).toBeCloseTo(theirs[index] ?? 0, 4);
    explanation.dispose();
  });

  test.each([
    [{ encoderSequence: [[1]] }, 'it is called with an encoderSequence, and tfjs 4.22 has no cross-attention'],
    [{ selfAttentionCache: [[1]] }, 'it is called with a cache of keys and values.'],
    [{ decoderPaddingMask: [[1]] }, 'its decoderPaddingMask is no tensor of the model.'],
  ])('refuses %j', async (args, message) => {
    const { built } = await decoderModel(args);
    expect(lower(trace(built), defaultRegistry).problems[0]?.message).toContain(message);
  });

  test('that was never called has no weights for attention', () => {
    const layer = new TransformerDecoder({ intermediateDim: 5, numHeads: 2 });
    const x = input({ shape: [4, 6] });
    const built = model({ inputs: x, outputs: layer.apply(x, {} as never) as Symbolic });
    expect(lower(trace(built), defaultRegistry).problems[0]?.message).toContain('it has no weights yet');
  });
});

describe('PositionEmbedding', () => {
  test.each([[[4, 6]], [[2, 4, 6]]])('for inputs of shape %j', async (shape) => {
    const x = input({ shape });
    const layer = new PositionEmbedding({ sequenceLength: 7 });
    const built = model({ inputs: x, outputs: layer.apply(x) as Symbolic });
    expect(await stepsReproduce(built, [randomTensor([2, ...shape])])).toEqual(['position embedding']);
  });

  test('what positions earn is booked as bias', async () => {
    const x = input({ shape: [4, 6] });
    const position = new PositionEmbedding({ sequenceLength: 4, name: 'position' });
    const built = model({ inputs: x, outputs: position.apply(x) as Symbolic });
    randomizeWeights(built);
    const explanation = explain(built, randomTensor([4, 6]), 'epsilon', { target: [1, 2] });
    const ledger = await explanation.conservation();
    expect(ledger.verdict).toBe('closed');
    expect(await numbers(explanation.inputs[0]?.relevance ?? tf.zeros([1]))).toEqual(new Array(24).fill(0));
    const [row] = ledger.rows.filter(({ address }) => address === 'position');
    expect(row?.bias).toBe(row?.received);
    explanation.dispose();
  });

  test('with a start that tfjs leaves out when a model runs', () => {
    const x = input({ shape: [4, 6] });
    const layer = new PositionEmbedding({ sequenceLength: 7, name: 'position' });
    const built = model({ inputs: x, outputs: layer.apply(x, { startIndex: 2 }) as Symbolic });
    expect(lower(trace(built), defaultRegistry).problems[0]?.message).toContain('it is called with startIndex 2');
  });
});

test('GPT2Backbone: tokens, positions and two decoders with a padding mask', async () => {
  const backbone = new GPT2Backbone({
    vocabularySize: 9,
    numLayers: 2,
    numHeads: 2,
    hiddenDim: 6,
    intermediateDim: 5,
    maxSequenceLength: 8,
  } as never);
  for (const layer of backbone.layers) if (layer.getClassName() === 'TransformerDecoder') await awakenDecoder(layer);
  randomizeWeights(backbone);
  const [tokens, mask] = [tf.tensor2d([[1, 4, 2, 0]], [1, 4], 'int32'), tf.tensor2d([[1, 1, 1, 0]], [1, 4], 'int32')];
  const explanation = explain(backbone, [tokens, mask], 'attn-lrp', { target: [2, 3] });
  expect((await explanation.conservation()).verdict).toBe('closed');
  const relevance = await numbers(explanation.inputs[0]?.relevance ?? tokens);
  // The padded token is attended to by nobody but its own residual, which the target does not see.
  expect(relevance[3]).toBe(0);
  expect(relevance.slice(0, 3).every((value) => value !== 0)).toBe(true);
  explanation.dispose();
});

async function awakenDecoder(layer: object): Promise<void> {
  // Only decoders are given here.
  const decoder = layer as TransformerDecoder;
  if (!decoder.built) decoder.build([null, 4, 6]);
  await awaken(decoder, [1, 4, 6]);
}

async function decoderModel(args: object = {}) {
  const layer = new TransformerDecoder({ intermediateDim: 5, numHeads: 2, normalizeFirst: true });
  await awakenDecoder(layer);
  const x = input({ shape: [4, 6] });
  return { layer, built: model({ inputs: x, outputs: layer.apply(x, args as never) as Symbolic }) };
}
