// Tokens and their relevance side by side.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { explain, tokenRelevance } from '../../src/index.js';
import { at, expectNumbersClose, numbers, randomizeWeights, randomTensor, tensorCount } from './tools.js';

const WORDS = ['the', 'film', 'was', 'good'];

/** Tokens, vectors, an LSTM and two classes. */
function textModel(): tfl.LayersModel {
  const model = tfl.sequential({
    layers: [
      tfl.layers.embedding({ inputDim: 9, outputDim: 5, inputLength: 4, name: 'embedding' }),
      tfl.layers.lstm({ units: 6, recurrentInitializer: 'glorotNormal', name: 'lstm' }),
      tfl.layers.dense({ units: 2, activation: 'softmax', name: 'classes' }),
    ],
  });
  randomizeWeights(model);
  return model;
}

describe('tokenRelevance', () => {
  test('joins words and scores; the vectors remain in the explanation', async () => {
    const explanation = explain(textModel(), tf.tensor2d([[3, 1, 4, 2]], [1, 4]), 'epsilon', { target: 1 });
    const before = tensorCount();
    const scores = await tokenRelevance(explanation, WORDS);
    expect(tensorCount()).toBe(before);
    expect(scores.map(({ token, position }) => [token, position])).toEqual(WORDS.map((word, index) => [word, index]));
    const relevance = scores.map((score) => score.relevance);
    expect(relevance).toEqual(await numbers(at(explanation.inputs, 0).relevance));
    const vectors = tf.tidy(() => tf.sum(explanation.layer('embedding').output, -1));
    expectNumbersClose(relevance, await numbers(vectors));
    explanation.dispose();
  });

  test('one sample of several, or a sample without batch axis', async () => {
    const model = textModel();
    const tokens = tf.tensor2d([3, 1, 4, 2, 5, 5, 0, 1], [2, 4]);
    const both = explain(model, tokens, 'epsilon', { target: 1 });
    const alone = explain(model, tf.tensor1d([5, 5, 0, 1]), 'epsilon', { target: 1 });
    const [one, other] = [await tokenRelevance(both, WORDS, { sample: 1 }), await tokenRelevance(alone, WORDS)];
    expectNumbersClose(
      one.map((score) => score.relevance),
      other.map((score) => score.relevance),
    );
    await expect(tokenRelevance(both, WORDS, { sample: 2 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[MatchError: There is no sample 2. Allowed: 0 to 1.]`,
    );
    both.dispose();
    alone.dispose();
  });

  test.each([
    ['a batch', [1, 4, 3]],
    ['a single sample', [4, 3]],
  ] as const)('sequences of vectors, given as %s, are summed over the vector', async (_name, shape) => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.lstm({ units: 4, recurrentInitializer: 'glorotNormal', inputShape: [4, 3] }),
        tfl.layers.dense({ units: 2 }),
      ],
    });
    randomizeWeights(model);
    const explanation = explain(model, randomTensor(shape), 'epsilon', { target: 0 });
    const scores = await tokenRelevance(explanation, WORDS);
    const sums = tf.tidy(() => tf.sum(at(explanation.inputs, 0).relevance, -1));
    expectNumbersClose(
      scores.map((score) => score.relevance),
      await numbers(sums),
    );
    explanation.dispose();
  });

  test('several inputs: by name or index', async () => {
    const [question, answer] = ['question', 'answer'].map((name) => tfl.input({ shape: [4], name }));
    const rows = tfl.layers.embedding({ inputDim: 9, outputDim: 5, name: 'shared' });
    const vectors = [question, answer].map((tokens) => rows.apply(tokens as tfl.SymbolicTensor) as tfl.SymbolicTensor);
    const joined = tfl.layers.flatten().apply(tfl.layers.concatenate().apply(vectors) as tfl.SymbolicTensor);
    const outputs = tfl.layers.dense({ units: 2 }).apply(joined as tfl.SymbolicTensor) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: [question, answer] as tfl.SymbolicTensor[], outputs });
    const explanation = explain(model, [tf.tensor1d([3, 1, 4, 2]), tf.tensor1d([5, 5, 0, 1])], 'epsilon', {
      target: 0,
    });
    const byName = await tokenRelevance(explanation, WORDS, { input: 'answer' });
    expect(byName).toEqual(await tokenRelevance(explanation, WORDS, { input: 1 }));
    expect(byName.map((score) => score.relevance)).toEqual(await numbers(at(explanation.inputs, 1).relevance));
    await expect(tokenRelevance(explanation, WORDS)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[MatchError: The model has 2 inputs. Say which holds the tokens: {input: 'question'}.]`,
    );
    await expect(tokenRelevance(explanation, WORDS, { input: 'reply' })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[MatchError: There is no input "reply". The model has "question" and "answer".]`,
    );
    explanation.dispose();
  });

  test('more or fewer tokens than positions, and inputs that are no sequences', async () => {
    const explanation = explain(textModel(), tf.tensor1d([3, 1, 4, 2]), 'epsilon', { target: 1 });
    await expect(tokenRelevance(explanation, ['good'])).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InputError: Input "embedding_input" has 4 positions per sample, received 1 tokens. Give one per position, padding included.]`,
    );
    explanation.dispose();
    const model = tfl.sequential({
      layers: [tfl.layers.flatten({ name: 'flat', inputShape: [2, 2, 1] }), tfl.layers.dense({ units: 2 })],
    });
    const picture = explain(model, randomTensor([1, 2, 2, 1]), 'epsilon', { target: 0 });
    await expect(tokenRelevance(picture, WORDS)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[InputError: Input "flat_input" of shape [1, 2, 2, 1] is no sequence of tokens or vectors.]`,
    );
    picture.dispose();
  });
});
