import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { alphaBeta, explain, zPlus } from '../../src/index.js';
import { denseModel, expectNumbers, fewLayerCases, layerCases, matchesLiteral, relevanceOf } from './compare.js';
import { alphaBetaLiteral } from './literal.js';

describe.each(layerCases())('$name', (layer) => {
  test('alpha 2, beta 1', () => matchesLiteral(layer, alphaBeta(2, 1), alphaBetaLiteral(2, 1)));
  test('z-plus', () => matchesLiteral(layer, zPlus(), alphaBetaLiteral(1, 0)));
});

describe.each(fewLayerCases())('$name', (layer) => {
  test.each([
    [1, 0],
    [3.5, 2.5],
  ])('alpha %f, beta %f', (alpha, beta) =>
    matchesLiteral(layer, alphaBeta(alpha, beta), alphaBetaLiteral(alpha, beta)),
  );
  test('with another stabilizer', () =>
    matchesLiteral(
      layer,
      alphaBeta(2, 1, { stabilizer: 0.25 }),
      alphaBetaLiteral(2, 1, { mode: 'add', epsilon: 0.25 }),
    ));
});

describe('by hand', () => {
  const start = () => tf.tensor2d([[6]]);

  test('inputs of either sign', async () => {
    // x = (1, -2, 3), w = (2, -1, -1), b = 1: c = (2, 2, -3); z⁺ = 2 + 2 + 1 = 5, z⁻ = -3.
    // alpha 2: 2 · 2/5 · 6 = 4.8 to the first and the second; beta 1: -1 · -3/-3 · 6 = -6 to the third.
    const model = denseModel([[2], [-1], [-1]], [1]);
    const x = tf.tensor2d([[1, -2, 3]]);
    const options = { start: start() };
    expectNumbers(await relevanceOf(model, x, alphaBeta(2, 1, { stabilizer: 0 }), options), [4.8, 4.8, -6]);
    expectNumbers(await relevanceOf(model, x, zPlus({ stabilizer: 0 }), options), [2.4, 2.4, 0]);
    // Without the bias z⁺ = 4.
    expectNumbers(await relevanceOf(model, x, alphaBeta(2, 1, { stabilizer: 0, bias: 'ignore' }), options), [6, 6, -6]);
  });

  test('an output without negative contributions loses the share of beta', async () => {
    // c = (2, 1): 2 · 2/3 · 6 = 8 and 2 · 1/3 · 6 = 4, together 12 = alpha R; -beta R = -6 finds nobody.
    const model = denseModel([[2], [1]]);
    const explanation = explain(model, tf.tensor2d([[1, 1]]), alphaBeta(2, 1, { stabilizer: 0 }), { start: start() });
    expectNumbers([...(await (explanation.inputs[0]?.relevance ?? tf.scalar(0)).data())], [8, 4]);
    const [row] = (await explanation.conservation()).rows;
    expect(row).toMatchObject({ received: 6, passed: 12, emptyGroup: -6 });
    explanation.dispose();
  });

  test('z-plus drops what reaches an output without positive contributions', async () => {
    const model = denseModel([[-2], [1]]);
    expect(await relevanceOf(model, tf.tensor2d([[1, -1]]), zPlus(), { start: start() })).toEqual([0, 0]);
  });
});

test('parameters out of range', () => {
  expect(() => alphaBeta(2, 2)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "alpha-beta": alpha - beta must be 1, received 2 - 2 = 0. Try alphaBeta(2, 1).]`,
  );
  expect(() => alphaBeta(0.5, -0.5)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "alpha-beta": beta must be a finite number of at least 0, received -0.5.]`,
  );
  expect(() => alphaBeta(-1, -2)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "alpha-beta": alpha must be a finite number of at least 0, received -1.]`,
  );
  expect(() => alphaBeta(Number.NaN, 1)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "alpha-beta": alpha must be a finite number of at least 0, received NaN.]`,
  );
  // Not of the type, as it may come from JavaScript.
  expect(() => zPlus({ bias: 'zero' as 'ignore' })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "z-plus": bias must be absorb, ignore, distribute, distribute-all; received zero.]`,
  );
});
