import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { measure, subjectOf } from '../../bench/measure.js';
import { denseChain } from '../../bench/networks/dense-chain.js';
import { networks } from '../../bench/networks/network.js';
import { setRandomWeights } from '../../bench/networks/random-weights.js';
import { namesOfRules, rulesOf } from '../../bench/rules.js';
import { plan } from '../../src/index.js';

describe.each(Object.entries(networks))('%s', (_, { kind, build }) => {
  test('every preset it is measured with fits', () => {
    const model = build(0.25);
    for (const name of namesOfRules(kind, false)) {
      const planned = plan(model, rulesOf(name));
      // There and back at least; at most, beside the prediction, the four products of signs there and back.
      expect(planned.cost().operations, name).toBeGreaterThan(1.9);
      expect(planned.cost().operations, name).toBeLessThan(9);
      planned.dispose();
    }
    model.dispose();
  });
});

test('a row holds bytes and operations that can be counted by hand, and nothing leaks', async () => {
  const before = tf.memory().numTensors;
  const model = denseChain(3);
  setRandomWeights(model);
  const subject = subjectOf('chain', model, 2);
  const setting = { backend: tf.getBackend(), batch: 2, runs: 2, settle: 0, atLeast: 0 };
  const row = await measure(subject, 'epsilon', setting, true);
  expect(row).toMatchObject({ network: 'chain', backend: tf.getBackend(), rules: 'epsilon', batch: 2, operations: 2 });
  expect(row.weightBytes).toBe(4 * 3 * (64 * 64 + 64));
  expect(row.activationBytes).toBe(4 * 3 * 2 * 64);
  expect(row.peakBytes).toBeGreaterThan(row.weightBytes + row.activationBytes);
  const { ratioCpu, ratioWall, ratioQuiet, planOverPredict, firstCallOverPredict, ledgerRatio, readOverPredict } = row;
  for (const ratio of [
    ratioCpu,
    ratioWall,
    ratioQuiet,
    planOverPredict,
    firstCallOverPredict,
    ledgerRatio,
    readOverPredict,
  ]) {
    expect(ratio).toBeGreaterThan(0);
  }
  subject.input.dispose();
  model.dispose();
  expect(tf.memory().numTensors).toBe(before);
});
