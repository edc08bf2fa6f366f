import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { composite, deepTaylor, explain } from '../../src/index.js';
import { at } from '../layers/reproduce.js';
import { denseModel, expectNumbers, numbers } from '../rules/compare.js';

describe('by hand', () => {
  const start = async (model: ReturnType<typeof denseModel>, x: number[], rules = deepTaylor()) => {
    const explanation = explain(model, tf.tensor2d([x]), rules, { target: 0 });
    const values = [
      await numbers(explanation.target.relevance),
      await numbers(at(explanation.inputs, 0).relevance),
      await numbers(explanation.target.scores),
    ] as const;
    explanation.dispose();
    return values;
  };

  test('a score below zero gives no relevance, and is still the score', async () => {
    // 1 · 2 + 1 · -5 = -3.
    const [started, arrived, score] = await start(denseModel([[2, 0], [-5, 0]]), [1, 1]); // biome-ignore format: a kernel
    expect(started).toEqual([0, 0]);
    expect(arrived).toEqual([0, 0]);
    expect(score).toEqual([-3]);
  });

  test('w-square where no relu follows, biases ignored', async () => {
    // Score 3 + 4 + 18 = 25; squares 9 and 16 of 25.
    const model = denseModel([[3, 0], [4, 0]], [18, 0]); // biome-ignore format: a kernel
    const [started, arrived] = await start(model, [1, 1]);
    expect(started).toEqual([25, 0]);
    expectNumbers([...arrived], [9, 16]);
  });

  test('another composite starts with the score as it is', async () => {
    const [started] = await start(denseModel([[2, 0], [-5, 0]]), [1, 1], composite('mine', [])); // biome-ignore format: a kernel
    expect(started).toEqual([-3, 0]);
  });
});
