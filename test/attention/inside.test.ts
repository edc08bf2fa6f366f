// Attention layers inside layers of one's own, and the check of a plan against the layers themselves.
import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { defaultRegistry, type LayerAdapter, plan } from '../../src/index.js';
import { at, numbers, randomizeWeights, randomTensor } from '../explanation/tools.js';
import { onCpu } from '../on-cpu.js';
import { awaken, input, layers, MultiHeadAttention, model, TransformerDecoder } from './nlp.js';

type Symbolic = ReturnType<typeof input>;

/** The way a model can run attention today: a layer that calls it on tensors. */
class Attend extends layers.Layer {
  static readonly className = 'Attend';
  readonly attention = new MultiHeadAttention({ numHeads: 2, keyDim: 3, name: 'heads' });

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    const x = Array.isArray(inputs) ? at(inputs, 0) : inputs;
    return this.attention.call(x, { value: x, useCausalMask: true });
  }

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    return shape;
  }
}

const attend: LayerAdapter = (call, to) => {
  const [x = -1] = to.inputs;
  const [shape = []] = call.inputShapes;
  // Adapters are registered by class: the layer is one.
  const { attention } = call.layer as Attend;
  to.output(
    ...to.apply(attention as unknown as tfl.layers.Layer, [x, x], {
      role: 'attention',
      inputShapes: [shape, shape],
      callArgs: { useCausalMask: true },
    }),
  );
};

test('a layer that holds one', async () => {
  const layer = new Attend({ name: 'attend' });
  await awaken(layer.attention, [1, 4, 5], { value: tf.zeros([1, 4, 5]) });
  const x = input({ shape: [4, 5] });
  const flat = layers.flatten({ name: 'flat' }).apply(layer.apply(x) as Symbolic) as Symbolic;
  const built = model({ inputs: x, outputs: layers.dense({ units: 2, name: 'classes' }).apply(flat) as Symbolic });
  randomizeWeights(built);
  const reused = plan(built, 'attn-lrp', { registry: defaultRegistry.with(Attend, attend) });
  expect(reused.rows.map(({ address }) => address)).toEqual(
    expect.arrayContaining(['attend:attention.query', 'attend:attention.mask', 'attend:attention.softmax']),
  );
  const given = randomTensor([2, 4, 5]);
  await onCpu(
    async () => {
      for (const { address, difference } of await reused.check(given)) expect(difference, address).toBeLessThan(1e-5);
      const [predicted, explanation] = [built.predict(given) as tf.Tensor, reused.explain(given, { target: 1 })];
      const [own, theirs] = [await numbers(at(explanation.outputs, 0).value), await numbers(predicted)];
      for (const [index, value] of own.entries()) expect(value).toBeCloseTo(at(theirs, index), 4);
      expect((await explanation.conservation()).verdict).toBe('closed');
      explanation.dispose();
      predicted.dispose();
    },
    built,
    given,
  );
  reused.dispose();
});

describe('check', () => {
  test('compares attention of one sequence to another, with masks', async () => {
    const embedding = layers.embedding({ inputDim: 6, outputDim: 5, maskZero: true, name: 'embedding' });
    const attention = new MultiHeadAttention({ numHeads: 2, keyDim: 3, name: 'attention' });
    await awaken(attention, [1, 4, 5], { value: tf.zeros([1, 3, 5]) });
    const [tokens, others, pairs] = [input({ shape: [4] }), input({ shape: [3] }), input({ shape: [4, 3] })];
    const args = { value: embedding.apply(others), attentionMask: pairs };
    const output = attention.apply(embedding.apply(tokens) as Symbolic, args as never) as Symbolic;
    const built = model({ inputs: [tokens, others, pairs], outputs: output });
    randomizeWeights(built);
    const reused = plan(built, 'cp-lrp');
    const inputs = [tf.tensor2d([[3, 1, 0, 0]]), tf.tensor2d([[2, 0, 5]]), tf.ones([1, 4, 3])];
    await onCpu(
      async () => {
        for (const { address, difference } of await reused.check(inputs))
          expect(difference, address).toBeLessThan(1e-5);
      },
      built,
      ...inputs,
    );
    reused.dispose();
  });

  test('compares a decoder with the padding mask it was given', async () => {
    const decoder = new TransformerDecoder({ intermediateDim: 5, numHeads: 2 });
    decoder.build([null, 4, 6]);
    await awaken(decoder, [1, 4, 6]);
    const [x, mask] = [input({ shape: [4, 6] }), input({ shape: [4], dtype: 'int32' })];
    const output = decoder.apply(x, { decoderPaddingMask: mask } as never) as Symbolic;
    const built = model({ inputs: [x, mask], outputs: output });
    const reused = plan(built, 'attn-lrp');
    const inputs = [randomTensor([2, 4, 6]), tf.tensor2d([1, 1, 0, 0, 1, 1, 1, 0], [2, 4], 'int32')];
    await onCpu(
      async () => {
        for (const { address, difference } of await reused.check(inputs))
          expect(difference, address).toBeLessThan(1e-5);
      },
      built,
      ...inputs,
    );
    reused.dispose();
  });
});
