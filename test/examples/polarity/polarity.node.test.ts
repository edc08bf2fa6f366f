import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { binaryAccuracy } from '../../../examples/lib/accuracy.js';
import { rowsOf } from '../../../examples/lib/rows.js';
import { mean } from '../../../examples/lib/statistics.js';
import { shareOn, uniformShare } from '../../../examples/lib/truth.js';
import { labelsOf, length, sentences, tokensOf, truthOf, words } from '../../../examples/polarity/generate.js';
import { networkNames, networks } from '../../../examples/polarity/networks.js';
import { explain } from '../../../src/index.js';
import { at } from '../../explanation/tools.js';
import { drawsAgain, freshRandom, savedModel } from '../lib/known-truth.js';

const NEGATORS = ['not', 'never', 'hardly'];

test('phrases are where they are said to be, and their sum decides', () => {
  expect(new Set(words).size).toBe(words.length);
  const drawn = drawsAgain(sentences);
  for (const sentence of drawn) {
    const { tokens, phrases, positive } = sentence;
    expect(tokens).toHaveLength(length);
    expect(tokens.every((token) => words.includes(token))).toBe(true);
    expect(phrases.reduce((sum, { pull }) => sum + pull, 0) > 0).toBe(positive);
    for (const { positions, negated } of phrases) {
      expect(positions).toHaveLength(negated ? 2 : 1);
      expect(NEGATORS.includes(at(tokens, at(positions, 0)))).toBe(negated);
    }
    expect(truthOf(sentence).filter(Boolean)).toHaveLength(phrases.flatMap(({ positions }) => positions).length);
  }
  expect(Math.abs(mean(drawn.map(({ positive }) => Number(positive))) - 0.5)).toBeLessThan(0.1);
  expect(drawn.some(({ phrases }) => phrases.some(({ negated }) => negated))).toBe(true);
});

test.each(networkNames)(
  '%s: the saved network is right, and relevance falls on the words that decide',
  async (name) => {
    const model = await savedModel('polarity', `${name}/model`);
    expect(model.countParams()).toBe(networks[name](1).countParams());
    const drawn = sentences(150, freshRandom());
    expect(await binaryAccuracy(model, tokensOf(drawn), labelsOf(drawn))).toBeGreaterThan(0.97);
    const tokens = tokensOf(drawn);
    const explanation = explain(model, tokens, name === 'gru' ? 'recurrent' : 'attn-lrp');
    const relevance = await rowsOf(at(explanation.inputs, 0).relevance);
    const truths = drawn.map(truthOf);
    const shares = relevance.map((row, index) => shareOn(row, at(truths, index)));
    expect(mean(shares)).toBeGreaterThan(2 * mean(truths.map(uniformShare)));
    explanation.dispose();
    tf.dispose(tokens);
  },
);
