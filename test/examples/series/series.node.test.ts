import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { classAccuracy } from '../../../examples/lib/accuracy.js';
import { rowsOf } from '../../../examples/lib/rows.js';
import { mean } from '../../../examples/lib/statistics.js';
import { shareOn, uniformShare } from '../../../examples/lib/truth.js';
import { channels, contrastOf, inputsOf, labelsOf, series, times, truthOf } from '../../../examples/series/generate.js';
import { networkNames, networks } from '../../../examples/series/networks.js';
import { explain } from '../../../src/index.js';
import { at } from '../../explanation/tools.js';
import { drawsAgain, freshRandom, savedModel } from '../lib/known-truth.js';

test('the bump lies inside the series, in one channel, and on its side of the others', () => {
  const drawn = drawsAgain(series);
  const heights = [0, 1].map((label) => {
    const own = drawn.filter((one) => one.label === label);
    return mean(own.map(({ values, channel, centre }) => at(at(values, Math.round(centre)), channel)));
  });
  expect(heights[0]).toBeGreaterThan(0.8);
  expect(heights[1]).toBeLessThan(-0.8);
  for (const one of drawn) {
    const truth = truthOf(one);
    expect(truth).toHaveLength(times * channels);
    expect(truth[Math.round(one.centre) * channels + one.channel]).toBe(true);
    const others = truth.filter((_, index) => index % channels !== one.channel);
    expect(others.some(Boolean)).toBe(false);
    expect(one.centre - 3 * one.spread).toBeGreaterThanOrEqual(0);
    expect(one.centre + 3 * one.spread).toBeLessThanOrEqual(times);
  }
});

test.each(networkNames)('%s: the saved network is right, and relevance falls on the bump', async (name) => {
  const model = await savedModel('series', `${name}/model`);
  expect(model.countParams()).toBe(networks[name](1).countParams());
  const drawn = series(150, freshRandom());
  expect(await classAccuracy(model, inputsOf(drawn), labelsOf(drawn))).toBeGreaterThan(0.97);
  const [inputs, target] = [inputsOf(drawn), contrastOf(drawn)];
  const explanation = explain(model, inputs, name === 'lstm' ? 'recurrent' : 'epsilon-plus', { target });
  const relevance = await rowsOf(at(explanation.inputs, 0).relevance);
  const truths = drawn.map(truthOf);
  const shares = relevance.map((row, index) => shareOn(row, at(truths, index)));
  expect(mean(shares)).toBeGreaterThan(6 * mean(truths.map(uniformShare)));
  explanation.dispose();
  tf.dispose([inputs, target]);
});
