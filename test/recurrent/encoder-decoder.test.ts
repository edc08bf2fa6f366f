// A decoder that begins with the states of an encoder, looks at it or not, and answers a word at every time step.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { plan } from '../../src/index.js';
import { apply, applyAll, expectClose, randomizeWeights, tensorCount, total } from '../explanation/tools.js';
import { at } from '../layers/reproduce.js';
import { onCpu } from '../on-cpu.js';
import { type Kind, recurrent } from './models.js';

type Tensor = tfl.SymbolicTensor;

const UNITS = 4;

interface Variant {
  readonly kind: Kind;
  readonly bidirectional?: boolean;
  /** Masks too; with attention tfjs runs the encoder once more and hands it the decoder's states. */
  readonly masked?: boolean;
  readonly attention?: boolean;
}

/** What the encoder answers at every time step, and its last states. */
function encode(words: Tensor, { kind, bidirectional }: Variant): [output: Tensor, ...states: Tensor[]] {
  const units = bidirectional ? UNITS / 2 : UNITS;
  const layer = recurrent(kind, { units, returnSequences: true, returnState: true });
  const wrapped = bidirectional ? tfl.layers.bidirectional({ layer, mergeMode: 'concat' }) : layer;
  const [output, ...states] = applyAll(wrapped, words) as [Tensor, ...Tensor[]];
  if (!bidirectional) return [output, ...states];
  const half = states.length / 2;
  const both = (index: number) => apply(tfl.layers.concatenate(), [at(states, index), at(states, half + index)]);
  return [output, ...Array.from({ length: half }, (_, index) => both(index))];
}

function translator(variant: Variant): tfl.LayersModel {
  const [source, target] = [tfl.input({ shape: [5] }), tfl.input({ shape: [3] })];
  const embed = (tokens: Tensor) =>
    apply(tfl.layers.embedding({ inputDim: 7, outputDim: 3, maskZero: variant.masked ?? false }), tokens);
  const [encoded, ...initialState] = encode(embed(source), variant);
  const decoder = recurrent(variant.kind, { units: UNITS, returnSequences: true });
  // tfjs' type knows no arguments of calls.
  const decoded = decoder.apply(embed(target), { initialState } as Record<string, unknown>) as Tensor;
  const read = variant.attention ? lookAt(encoded, decoded) : decoded;
  const words = tfl.layers.timeDistributed({ layer: tfl.layers.dense({ units: 5, activation: 'softmax' }) });
  const model = tfl.model({ inputs: [source, target], outputs: apply(words, read) });
  randomizeWeights(model);
  return model;
}

function lookAt(encoded: Tensor, decoded: Tensor): Tensor {
  const scores = apply(tfl.layers.dot({ axes: [2, 2] }), [decoded, encoded]);
  const weights = apply(tfl.layers.activation({ activation: 'softmax' }), scores);
  const context = apply(tfl.layers.dot({ axes: [2, 1] }), [weights, encoded]);
  return apply(tfl.layers.concatenate(), [context, decoded]);
}

const VARIANTS: readonly Variant[] = [
  { kind: 'lstm' },
  { kind: 'gru', masked: true },
  { kind: 'lstm', masked: true, bidirectional: true },
  { kind: 'gru', attention: true },
  { kind: 'lstm', attention: true, bidirectional: true },
];

test.each(VARIANTS)('%j', async (variant) => {
  const model = translator(variant);
  const [tokens, words] = [tf.tensor2d([[1, 2, 0, 3, 6], [4, 5, 6, 0, 0]]), tf.tensor2d([[1, 2, 0], [3, 4, 5]])]; // biome-ignore format: a row per sample
  const inputs = [tokens, words];
  // Not by `apply`, which calls the encoder once more with the decoder's states, and fails.
  const expected = await onCpu(() => [model.predict(inputs)].flat(), model, ...inputs);
  const before = tensorCount();
  const reused = plan(model, variant.attention ? 'attn-lrp' : 'recurrent', { canonize: { links: false } });
  const explanation = reused.explain(inputs, { target: [1, 2] });
  await expectClose(at(explanation.outputs, 0).value, at(expected, 0));
  expect((await explanation.conservation()).verdict).toBe('closed');
  // What the decoder's states earn reaches the encoder's words.
  const reached = tf.tidy(() => tf.sum(tf.abs(at(explanation.inputs, 0).relevance)));
  expect(await total(reached)).toBeGreaterThan(1e-6);
  await onCpu(
    async () => {
      for (const { address, difference } of await reused.check(inputs)) expect(difference, address).toBeLessThan(1e-5);
    },
    model,
    ...inputs,
  );
  tf.dispose(reached);
  for (const disposable of [explanation, reused]) disposable.dispose();
  expect(tensorCount()).toBe(before);
  tf.dispose([...inputs, ...expected]);
  model.dispose();
});
