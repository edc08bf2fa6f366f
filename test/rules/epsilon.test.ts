import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { type EpsilonOptions, epsilon, type Stabilizer, zero } from '../../src/index.js';
import { denseModel, expectNumbers, fewLayerCases, layerCases, matchesLiteral, relevanceOf } from './compare.js';
import { epsilonLiteral, zeroLiteral } from './literal.js';

describe.each(layerCases())('$name', (layer) => {
  test('zero', () => matchesLiteral(layer, zero(), zeroLiteral));
  test('epsilon 0.25', () => matchesLiteral(layer, epsilon(0.25), epsilonLiteral(0.25)));
});

describe.each(fewLayerCases())('$name', (layer) => {
  test('epsilon of 0 is zero', () => matchesLiteral(layer, epsilon(0), zeroLiteral));
  test.each([1e-6, 3])('epsilon %f', (value) =>
    matchesLiteral(layer, epsilon(value), epsilonLiteral(value), { modes: ['absorb', 'distribute-all'] }),
  );
  test.each([
    // No denominator is exactly -0.3.
    ['unsigned', 0.3],
    ['relative', 0.1],
    ['relative', 1],
    ['clip', 0.5],
    ['clip', 4],
  ] as const)('epsilon, %s %f', (mode, value) =>
    matchesLiteral(layer, epsilon(value, { mode }), epsilonLiteral(value, mode)),
  );
});

describe('by hand', () => {
  // x = (1, 2), w = (3, -1), b = 1: z_i = (3, -2), z = 2, R = 4.
  const model = () => denseModel([[3], [-1]], [1]);
  const x = () => tf.tensor2d([[1, 2]]);
  const start = () => tf.tensor2d([[4]]);
  test.each([
    // 3/2 · 4 and -2/2 · 4; the bias absorbs 1/2 · 4 = 2.
    ['absorb', [6, -4]],
    // Without the bias z = 1: 3 · 4 and -2 · 4.
    ['ignore', [12, -8]],
    // What the bias absorbed, 2, goes to both inputs alike.
    ['distribute', [7, -3]],
  ] as const)('zero, bias %s', async (bias, expected) => {
    expectNumbers(await relevanceOf(model(), x(), zero({ bias }), { start: start() }), expected);
  });

  test.each([
    // Denominator 2 + 0.5 = 2.5: 3/2.5 · 4, -2/2.5 · 4.
    [{}, 0.5, [4.8, -3.2]],
    // rms of the only output is 2, so epsilon = 1: denominator 3.
    [{ mode: 'relative' }, 0.5, [4, -8 / 3]],
    // max(2, 0.5) = 2 and max(2, 4) = 4.
    [{ mode: 'clip' }, 0.5, [6, -4]],
    [{ mode: 'clip' }, 4, [3, -2]],
  ] as [EpsilonOptions, number, number[]][])('epsilon %j %f', async (options, value, expected) => {
    expectNumbers(await relevanceOf(model(), x(), epsilon(value, options), { start: start() }), expected);
  });

  test('a negative denominator moves away from zero too', async () => {
    // z = -2 with x = (-1, -2) and no bias turns to (-3 + 2) = -1; -1 - 0.5 = -1.5: -3/-1.5 · 4 = 8, 2/-1.5 · 4.
    const opposite = denseModel([[3], [-1]]);
    expectNumbers(await relevanceOf(opposite, tf.tensor2d([[-1, -2]]), epsilon(0.5), { start: start() }), [8, -16 / 3]);
  });

  test('zero counts as positive', async () => {
    // z = 1 - 1 = 0, denominator +0.5: 1/0.5 · 4 = 8 and -8. LRP-0 passes nothing on.
    const cancelling = denseModel([[1], [-1]]);
    const ones = tf.tensor2d([[1, 1]]);
    expectNumbers(await relevanceOf(cancelling, ones, epsilon(0.5), { start: start() }), [8, -8]);
    expect(await relevanceOf(cancelling, ones, zero(), { start: start() })).toEqual([0, 0]);
  });
});

test('parameters out of range', () => {
  expect(() => epsilon(-1)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "epsilon": epsilon must be a finite number of at least 0, received -1.]`,
  );
  expect(() => epsilon(Number.NaN)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "epsilon": epsilon must be a finite number of at least 0, received NaN.]`,
  );
  expect(() => epsilon(Number.POSITIVE_INFINITY)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "epsilon": epsilon must be a finite number of at least 0, received Infinity.]`,
  );
  // Not of the type, as it may come from JavaScript.
  expect(() => epsilon(1, { mode: 'max' as Stabilizer['mode'] })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "epsilon": stabilizer mode must be add, relative, unsigned, clip, none; received max.]`,
  );
});
