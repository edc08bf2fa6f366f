import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import {
  defaultRegistry,
  explain,
  type FlowRule,
  halfSplit,
  multiplyStep,
  plan,
  proportionalSplit,
  signalTakeAll,
  uniformSplit,
} from '../../src/index.js';
import { at, modelOf } from '../layers/reproduce.js';
import { expectElements, expectNumbers, grid, relevanceOf } from './compare.js';

/** Positions of the operands' elements that meet in each output: `meets[j][k]` is an element of operand `k`. */
type Meets = readonly (readonly number[])[];

/** What each operand earns of each output, `share(values of the operands)` saying how it is divided. */
function divide(
  operands: readonly number[][],
  meets: Meets,
  r: readonly number[],
  share: (values: readonly number[]) => readonly number[],
): number[] {
  const earned = operands.map((operand) => operand.map(() => 0));
  for (const [j, elements] of meets.entries()) {
    const values = elements.map((element, k) => at(at(operands, k), element));
    for (const [k, part] of share(values).entries()) {
      const own = at(earned, k);
      own[at(elements, k)] = at(own, at(elements, k)) + part * at(r, j);
    }
  }
  return earned.flat();
}

const magnitudes = (values: readonly number[]) => {
  const total = values.reduce((sum, value) => sum + Math.abs(value), 0);
  return values.map((value) => (total === 0 ? 0 : Math.abs(value) / total));
};

const RULES: [string, FlowRule, (values: readonly number[]) => readonly number[]][] = [
  ['uniform', uniformSplit(), (values) => values.map(() => 1 / values.length)],
  ['signal take all, first', signalTakeAll({ operand: 0 }), (values) => values.map((_, k) => (k === 0 ? 1 : 0))],
  ['signal take all, second', signalTakeAll({ operand: 1 }), (values) => values.map((_, k) => (k === 1 ? 1 : 0))],
  ['half', halfSplit({ operand: 1 }), (values) => values.map((_, k) => (k === 1 ? 0.5 : 0.5 / (values.length - 1)))],
  ['proportional', proportionalSplit(), magnitudes],
];

describe.each(RULES)('element by element: %s', (_name, rule, share) => {
  test('three operands', async () => {
    const operands = [
      [1, -2, 0, 0],
      [3, 1, 0, -2],
      [-1, 1, 0, 5],
    ];
    const model = modelOf(tfl.layers.multiply({ name: 'product' }), [[4], [4], [4]]);
    const received = [4, -6, 5, 2];
    const meets = received.map((_, j) => [j, j, j]);
    const inputs = operands.map((operand) => tf.tensor2d([operand]));
    const explanation = explain(model, inputs, { product: rule }, { start: tf.tensor2d([received]) });
    const earned: number[] = [];
    for (const { relevance } of explanation.inputs) earned.push(...(await relevance.data()));
    expectNumbers(earned, divide(operands, meets, received, share));
    // Where every operand is zero nobody has a magnitude: that relevance is booked as an empty group.
    expect((await explanation.conservation()).verdict).toBe('closed');
    explanation.dispose();
  });

  test('broadcast operands', async () => {
    // A gate per channel meets every position of a [2, 3] map.
    const operands = [grid(1, 6), grid(2, 3)];
    const model = modelOf(tfl.layers.multiply({ name: 'product' }), [
      [2, 3],
      [1, 3],
    ]);
    const received = grid(3, 6);
    const meets = received.map((_, j) => [j, j % 3]);
    const inputs = [tf.tensor(at(operands, 0), [1, 2, 3]), tf.tensor(at(operands, 1), [1, 1, 3])];
    const start = tf.tensor(received, [1, 2, 3]);
    const expected = divide(operands, meets, received, share);
    expectNumbers(await relevanceOf(model, inputs, { product: rule }, { start }), expected);
  });
});

describe('matrix products', () => {
  // Dot over the last axes of a [2, 3] and b [4, 3]: o_ij = Σ_k a_ik b_jk.
  const [a, b, received] = [grid(4, 6), grid(5, 12), grid(6, 8)];
  const model = modelOf(tfl.layers.dot({ axes: -1, name: 'product' }), [
    [2, 3],
    [4, 3],
  ]);
  const inputs = () => [tf.tensor(a, [1, 2, 3]), tf.tensor(b, [1, 4, 3])];
  const start = () => tf.tensor(received, [1, 2, 4]);

  /** `weights[k] · n · a_ik b_jk / stab(n o_ij)`, `n` being the number of operands that earn. */
  function literal(weights: readonly [number, number], epsilon: number) {
    const values = [...a, ...b].map(() => 0);
    const sizes = [...a, ...b].map(() => 0);
    const earning = weights.filter((weight) => weight > 0).length;
    for (let i = 0; i < 2; i++) {
      for (let j = 0; j < 4; j++) {
        let o = 0;
        for (let k = 0; k < 3; k++) o += at(a, i * 3 + k) * at(b, j * 3 + k);
        if (o === 0 && epsilon === 0) continue;
        const d = earning * o + (o < 0 ? -epsilon : epsilon);
        for (let k = 0; k < 3; k++) {
          const part = ((at(a, i * 3 + k) * at(b, j * 3 + k)) / d) * at(received, i * 4 + j) * earning;
          for (const [operand, position] of [i * 3 + k, 6 + j * 3 + k].entries()) {
            values[position] = at(values, position) + part * at(weights, operand);
            sizes[position] = at(sizes, position) + Math.abs(part * at(weights, operand));
          }
        }
      }
    }
    return { values, sizes };
  }

  test.each([
    ['uniform', uniformSplit(), [0.5, 0.5], 1e-6],
    ['uniform, stabilizer 0.5', uniformSplit({ stabilizer: 0.5 }), [0.5, 0.5], 0.5],
    ['uniform, no stabilizer', uniformSplit({ stabilizer: 0 }), [0.5, 0.5], 0],
    ['signal take all, first', signalTakeAll({ operand: 0 }), [1, 0], 1e-6],
    ['signal take all, second', signalTakeAll({ operand: 1, stabilizer: 0.25 }), [0, 1], 0.25],
    ['half', halfSplit({ operand: 0 }), [0.5, 0.5], 1e-6],
  ] as [string, FlowRule, [number, number], number][])('%s', async (_name, rule, weights, epsilon) => {
    const explanation = explain(model, inputs(), { product: rule }, { start: start() });
    const earned: number[] = [];
    for (const { relevance } of explanation.inputs) earned.push(...(await relevance.data()));
    const { values, sizes } = literal(weights, epsilon);
    expectElements(earned, values, sizes);
    expect((await explanation.conservation()).verdict).toBe('closed');
    explanation.dispose();
  });

  test('by hand', async () => {
    // Vectors (1, 2) and (3, 1): o = 5, R = 10, uniform: half of 3/5 · 10 and 2/5 · 10 to each operand.
    const dot = modelOf(tfl.layers.dot({ axes: 1, name: 'product' }), [[2], [2]]);
    const rules = { product: uniformSplit({ stabilizer: 0 }) };
    const pair = [tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 1]])];
    expectNumbers(await relevanceOf(dot, pair, rules, { start: tf.tensor2d([[10]]) }), [3, 2, 3, 2]);
  });

  test('magnitudes cannot be compared', () => {
    expect(() => plan(model, { product: proportionalSplit() })).toThrowErrorMatchingInlineSnapshot(`
      [PlanError: The model cannot be explained as asked (1 problem):
        1. Rule proportional-split serves bilinear steps and cannot serve product: it is a matrix product; magnitudes compare element by element only. Choose a rule for these steps, or match other layers.]
    `);
  });
});

describe('the signal', () => {
  const model = modelOf(tfl.layers.multiply({ name: 'product' }), [[1], [1]]);
  const pair = () => [tf.tensor2d([[2]]), tf.tensor2d([[3]])];

  test('has to be named where the layer does not', () => {
    expect(() => plan(model, { product: signalTakeAll() })).toThrowErrorMatchingInlineSnapshot(`
      [PlanError: The model cannot be explained as asked (1 problem):
        1. Rule signal-take-all serves bilinear steps and cannot serve product: it does not say which operand carries the signal; name it, such as signalTakeAll({operand: 0}). Choose a rule for these steps, or match other layers.]
    `);
    expect(() => plan(model, { product: halfSplit() })).toThrow('does not say which operand carries the signal');
  });

  test('is what the layer says, and may be overruled', async () => {
    const registry = defaultRegistry.with('product', (_call, to) => to.output(to.add(multiplyStep(1), to.inputs)));
    const start = () => tf.tensor2d([[8]]);
    const options = () => ({ registry, start: start() });
    expect(await relevanceOf(model, pair(), undefined, options())).toEqual([0, 8]);
    expect(await relevanceOf(model, pair(), { product: signalTakeAll() }, options())).toEqual([0, 8]);
    expect(await relevanceOf(model, pair(), { product: signalTakeAll({ operand: 0 }) }, options())).toEqual([8, 0]);
    expect(await relevanceOf(model, pair(), { product: halfSplit() }, options())).toEqual([4, 4]);
  });

  test('must be one of the operands', () => {
    expect(() => signalTakeAll({ operand: -1 })).toThrowErrorMatchingInlineSnapshot(
      `[RuleError: Rule "signal-take-all": operand must be an index from 0 on, received -1.]`,
    );
    expect(() => halfSplit({ operand: 0.5 })).toThrowErrorMatchingInlineSnapshot(
      `[RuleError: Rule "half": operand must be an index from 0 on, received 0.5.]`,
    );
    expect(() => explain(model, pair(), { product: signalTakeAll({ operand: 2 }) })).toThrowErrorMatchingInlineSnapshot(
      `[RuleError: Rule "signal-take-all": operand must be an index from 0 to 1, received 2.]`,
    );
  });
});

test('parameters out of range', () => {
  expect(() => uniformSplit({ stabilizer: -1 })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "uniform": stabilizer must be a finite number of at least 0, received -1.]`,
  );
  expect(() => signalTakeAll({ stabilizer: Number.NaN })).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "signal-take-all": stabilizer must be a finite number of at least 0, received NaN.]`,
  );
});
