// Several targets of one input at once: the same numbers as one by one, for less.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, describe, expect, test } from 'vitest';
import {
  contrast,
  type Explanation,
  explain,
  explainTargets,
  type Plan,
  type Progress,
  plan,
  type RulesInput,
  type Target,
} from '../../src/index.js';
import { residualNet } from './nets.js';
import { at, errorOf, randomizeWeights, randomTensor, tensorCount } from './tools.js';

const x = randomTensor([2, 12, 12, 3], 1);
afterAll(() => tf.dispose(x));

async function expectSame(one: Explanation, other: Explanation): Promise<void> {
  // Compared at once: what differs would fill pages.
  expect(JSON.stringify(await one.toJSON()) === JSON.stringify(await other.toJSON())).toBe(true);
}

/** Explains together and one by one. */
async function comparesAll(model: tfl.LayersModel, rules: RulesInput, targets: readonly Target[]): Promise<void> {
  const before = tensorCount();
  const together = explainTargets(model, x, targets, rules);
  expect(together).toHaveLength(targets.length);
  for (const [index, target] of targets.entries()) {
    const alone = explain(model, x, rules, { target });
    await expectSame(at(together, index), alone);
    alone.dispose();
  }
  for (const one of together) one.dispose();
  expect(tensorCount()).toBe(before);
}

describe('the same as one by one, to the last bit', () => {
  test.each(['epsilon', 'epsilon-plus', 'epsilon-alpha2-beta1-flat', 'epsilon-gamma-box', 'recurrent'] as const)(
    '%s',
    async (rules) => {
      const model = residualNet();
      await comparesAll(model, rules, [0, [2, 1], contrast(1)]);
      await comparesAll(model, rules, [
        { layer: 'a_add', channel: 0 },
        { layer: 'b_add', channel: 1 },
      ]);
    },
  );

  test('through a recurrent layer, with steps kept', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.gru({ units: 3, inputShape: [4, 2], name: 'gru', recurrentInitializer: 'glorotNormal' }),
        tfl.layers.dense({ units: 3, activation: 'softmax' }),
      ],
    });
    randomizeWeights(model);
    const sequence = randomTensor([2, 4, 2], 3);
    const together = explainTargets(model, sequence, [0, 2], 'recurrent', { keep: 'steps' });
    for (const [index, target] of [0, 2].entries()) {
      const alone = explain(model, sequence, 'recurrent', { target, keep: 'steps' });
      await expectSame(at(together, index), alone);
      alone.dispose();
    }
    for (const one of together) one.dispose();
    sequence.dispose();
  });

  test('each result is its own to dispose', async () => {
    const [first, second] = explainTargets(residualNet(), x, [0, 1]);
    if (!first || !second) throw new Error('two explanations');
    const known = JSON.stringify(await second.toJSON());
    first.dispose();
    expect(JSON.stringify(await second.toJSON())).toBe(known);
    expect((await second.conservation()).verdict).toBe('closed');
    second.dispose();
  });
});

/** How many convolutions and matrix products an explanation runs. */
async function products(made: Plan, targets: readonly Target[]): Promise<number> {
  const { kernels } = await tf.profile(() => {
    for (const one of made.explainTargets(x, targets, { ledger: false, keep: 'inputs' })) one.dispose();
    return tf.scalar(0);
  });
  return kernels.filter(({ name }) => /^(Fused|_Fused)?(Depthwise)?(Conv2D|MatMul|BatchMatMul)/.test(name)).length;
}

test('a further target costs its way back, and neither the way forward nor the denominators', async () => {
  const made = plan(residualNet(), 'epsilon-plus');
  made.explain(x).dispose();
  const [one, two, three] = [await products(made, [0]), await products(made, [0, 1]), await products(made, [0, 1, 2])];
  expect(three - two).toBe(two - one);
  expect(two - one).toBeGreaterThan(0);
  expect(two - one).toBeLessThanOrEqual(one / 2);
  made.dispose();
});

test('progress counts each step once; abort leaves nothing', async () => {
  const made = plan(residualNet(), 'epsilon');
  const seen: Progress[] = [];
  made.explain(x).dispose();
  const before = tensorCount();
  const found = await made.explainTargetsAsync(x, [0, 1], { onProgress: (progress) => seen.push(progress) });
  expect(seen.at(-1)).toMatchObject({ phase: 'backward', done: seen.at(-1)?.total });
  expect(new Set(seen.map(({ done }) => done)).size).toBe(seen.at(-1)?.total);
  for (const one of found) one.dispose();
  const controller = new AbortController();
  const steps = {
    signal: controller.signal,
    onProgress: ({ phase }: Progress) => phase === 'backward' && controller.abort(),
  };
  expect(await errorOf(() => made.explainTargetsAsync(x, [0, 1], steps))).toMatchObject({ code: 'aborted' });
  expect(tensorCount()).toBe(before);
  made.dispose();
});

test('no targets, or one that is not there', async () => {
  const made = plan(residualNet());
  made.explain(x).dispose();
  expect(await errorOf(() => made.explainTargets(x, []))).toMatchObject({ code: 'target' });
  expect((await errorOf(() => made.explainTargets(x, [0, 99]))).message).toContain('There is no unit 99');
  made.dispose();
});
