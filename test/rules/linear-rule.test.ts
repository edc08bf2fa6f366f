import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  alphaBeta,
  epsilon,
  flat,
  formatRule,
  gamma,
  gammaClassic,
  type LinearRule,
  linearRule,
  norm,
  pass,
  proportional,
  type Rule,
  signalTakeAll,
  wSquare,
  zBox,
  zero,
  zPlus,
} from '../../src/index.js';
import { denseModel, expectNumbers, relevanceOf } from './compare.js';

const RULES: [string, () => LinearRule][] = [
  ['zero', zero],
  ['epsilon', epsilon],
  ['gamma', gamma],
  ['gammaClassic', gammaClassic],
  ['alphaBeta', alphaBeta],
  ['zPlus', zPlus],
  ['wSquare', wSquare],
  ['flat', flat],
  ['zBox', zBox],
  ['norm', norm],
];

test.each(RULES)('%s is frozen and says what it is', (_name, make) => {
  const rule = make();
  expect(Object.isFrozen(rule)).toBe(true);
  expect(rule).toMatchObject({ kind: 'shares', on: 'linear' });
  expect(rule.shares.length).toBeGreaterThan(0);
});

test('a rule of one own: z-plus of nonnegative inputs, doubled', async () => {
  const rule = linearRule('mine', { times: 2 }, [
    { weight: 2, terms: [{ input: 'all', kernel: { positive: 1, negative: 0 }, bias: 'none' }] },
  ]);
  // c⁺ = (3, 0, 1), 2 · R = 8: 6, 0, 2.
  const model = denseModel([[3], [-1], [1]]);
  const start = tf.tensor2d([[4]]);
  expectNumbers(await relevanceOf(model, tf.tensor2d([[1, 1, 1]]), rule, { start }), [6, 0, 2]);
  expect(formatRule(rule)).toBe('mine(times=2)');
});

describe('refuses', () => {
  const terms = [{ input: 'all', kernel: { positive: 1, negative: 1 }, bias: 'none' }] as const;
  test('a rule without shares, a share without terms', () => {
    expect(() => linearRule('mine', {}, [])).toThrowErrorMatchingInlineSnapshot(
      `[RuleError: Rule "mine" needs at least one share, and every share at least one term.]`,
    );
    expect(() => linearRule('mine', {}, [{ weight: 1, terms: [] }])).toThrowErrorMatchingInlineSnapshot(
      `[RuleError: Rule "mine" needs at least one share, and every share at least one term.]`,
    );
  });
  test('a stabilizer out of range', () => {
    const make = (value: number) => linearRule('mine', {}, [{ weight: 1, terms }], { stabilizer: value });
    expect(() => make(-1)).toThrowErrorMatchingInlineSnapshot(
      `[RuleError: Rule "mine": stabilizer must be a finite number of at least 0, received -1.]`,
    );
    expect(() => make(Number.POSITIVE_INFINITY)).toThrowErrorMatchingInlineSnapshot(
      `[RuleError: Rule "mine": stabilizer must be a finite number of at least 0, received Infinity.]`,
    );
  });
});

test.each<[string, Rule]>([
  ['zero', zero()],
  ['zero(bias=ignore)', zero({ bias: 'ignore' })],
  ['epsilon(epsilon=1e-6)', epsilon()],
  ['epsilon(epsilon=0.1, mode=relative)', epsilon(0.1, { mode: 'relative' })],
  ['gamma(gamma=0.25)', gamma()],
  ['gamma-classic(gamma=0.25, biasScaled=false)', gammaClassic(0.25, { biasScaled: false })],
  [
    'alpha-beta(alpha=2, beta=1, stabilizer=0.001, bias=distribute)',
    alphaBeta(2, 1, { stabilizer: 0.001, bias: 'distribute' }),
  ],
  ['z-plus(stabilizer=clip 0.5)', zPlus({ stabilizer: { mode: 'clip', epsilon: 0.5 } })],
  ['z-box(low=-1, high=1)', zBox({ low: -1, high: 1 })],
  ['z-box(low=min, high=max)', zBox()],
  ['z-box(low=[0,0.5], high=[1,1])', zBox({ low: [0, 0.5], high: [1, 1] })],
  ['z-box(low=[9 values], high=1)', zBox({ low: new Array<number>(9).fill(0.125), high: 1 })],
  ['pass', pass()],
  ['proportional(stabilizer=0.5)', proportional(0.5)],
  ['signal-take-all(operand=1)', signalTakeAll({ operand: 1 })],
])('prints as %s', (text, rule) => {
  expect(formatRule(rule)).toBe(text);
});
