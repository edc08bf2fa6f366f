import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { composite, explain, plan, proportional, winnerTakeAll } from '../../src/index.js';
import { at, modelOf } from '../layers/reproduce.js';
import { expectElements, grid, relevanceOf } from './compare.js';

interface Pool {
  readonly size: number;
  readonly stride: number;
  readonly padding: 'same' | 'valid';
}

/** Inputs of each window of a max pooling over `[height, width, channels]`, in row-major order. */
function windows([height, width, channels]: [number, number, number], { size, stride, padding }: Pool): number[][] {
  const same = padding === 'same';
  const rows = same ? Math.ceil(height / stride) : Math.floor((height - size) / stride) + 1;
  const columns = same ? Math.ceil(width / stride) : Math.floor((width - size) / stride) + 1;
  const top = same ? Math.floor(Math.max((rows - 1) * stride + size - height, 0) / 2) : 0;
  const left = same ? Math.floor(Math.max((columns - 1) * stride + size - width, 0) / 2) : 0;
  const all: number[][] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      for (let channel = 0; channel < channels; channel++) {
        const window: number[] = [];
        for (let dy = 0; dy < size; dy++) {
          for (let dx = 0; dx < size; dx++) {
            const [y, x] = [row * stride + dy - top, column * stride + dx - left];
            if (y >= 0 && y < height && x >= 0 && x < width) window.push((y * width + x) * channels + channel);
          }
        }
        all.push(window);
      }
    }
  }
  return all;
}

/** Everything to the first of the largest. */
function winner(x: readonly number[], groups: readonly number[][], r: readonly number[], sign = 1): number[] {
  const earned = x.map(() => 0);
  for (const [j, group] of groups.entries()) {
    let best = at(group, 0);
    for (const i of group) if (sign * at(x, i) > sign * at(x, best)) best = i;
    earned[best] = at(earned, best) + at(r, j);
  }
  return earned;
}

/** To each in proportion to its value. */
function inProportion(x: readonly number[], groups: readonly number[][], r: readonly number[], epsilon: number) {
  const values = x.map(() => 0);
  const sizes = x.map(() => 0);
  for (const [j, group] of groups.entries()) {
    let sum = 0;
    for (const i of group) sum += at(x, i);
    if (sum === 0 && epsilon === 0) continue;
    const d = sum < 0 ? sum - epsilon : sum + epsilon;
    for (const i of group) {
      const part = (at(x, i) / d) * at(r, j);
      values[i] = at(values, i) + part;
      sizes[i] = at(sizes, i) + Math.abs(part);
    }
  }
  return { values, sizes };
}

const POOLS: (Pool & { name: string })[] = [
  { name: 'valid', size: 2, stride: 2, padding: 'valid' },
  { name: 'overlapping', size: 3, stride: 1, padding: 'same' },
  { name: 'padded', size: 3, stride: 2, padding: 'same' },
  { name: 'gaps', size: 2, stride: 3, padding: 'valid' },
];

// Few different values, so that windows have ties.
const INPUTS: [string, number[]][] = [
  ['mixed', grid(1, 6 * 5 * 2).map(Math.round)],
  ['all negative', grid(2, 6 * 5 * 2, -3, -1).map(Math.round)],
  ['constant', new Array<number>(60).fill(0)],
];

describe.each(POOLS)('max pooling, $name', ({ size, stride, padding }) => {
  const model = modelOf(tfl.layers.maxPooling2d({ poolSize: size, strides: stride, padding, name: 'pool' }), [
    [6, 5, 2],
  ]);
  const groups = windows([6, 5, 2], { size, stride, padding });
  const received = grid(3, groups.length);
  const start = () => tf.tensor(received, [1, ...at(model.outputs, 0).shape.slice(1).map(Number)]);

  test.each(INPUTS)('winner take all, %s', async (_name, x) => {
    const input = tf.tensor(x, [1, 6, 5, 2]);
    expect(await relevanceOf(model, input, undefined, { start: start() })).toEqual(winner(x, groups, received));
  });

  test.each(INPUTS)('proportional, %s', async (_name, x) => {
    for (const epsilon of [1e-6, 0.5, 0]) {
      const explanation = explain(
        model,
        tf.tensor(x, [1, 6, 5, 2]),
        { pool: proportional(epsilon) },
        { start: start() },
      );
      const { values, sizes } = inProportion(x, groups, received, epsilon);
      expectElements(await at(explanation.inputs, 0).relevance.data(), values, sizes);
      explanation.dispose();
    }
  });
});

describe('global max pooling', () => {
  const model = modelOf(tfl.layers.globalMaxPooling2d({ name: 'pool' }), [[3, 2, 2]]);
  const groups = [0, 1].map((channel) => Array.from({ length: 6 }, (_, position) => position * 2 + channel));
  const start = () => tf.tensor2d([[4, -3]]);

  test.each([
    ['ties', [1, 0, 2, 0, 2, -1, 0, 0, 2, 0, 1, -5]],
    ['all negative', [-3, -4, -2, -4, -9, -8, -2, -7, -5, -4, -6, -5]],
  ])('winner take all, %s', async (_name, x) => {
    const input = tf.tensor(x, [1, 3, 2, 2]);
    expect(await relevanceOf(model, input, undefined, { start: start() })).toEqual(winner(x, groups, [4, -3]));
    const { values, sizes } = inProportion(x, groups, [4, -3], 1e-6);
    expectElements(await relevanceOf(model, input, { pool: proportional() }, { start: start() }), values, sizes);
  });
});

describe.each(['maximum', 'minimum'] as const)('%s', (kind) => {
  const layer = () => tfl.layers[kind]({ name: 'pick' });

  test('the first of equal operands earns everything', async () => {
    const parts = [
      [1, 2, -3, 0],
      [1, 5, -3, -1],
      [0, 5, -2, -1],
    ];
    const model = modelOf(layer(), [[4], [4], [4]]);
    const received = [1, -2, 3, 4];
    const groups = [0, 1, 2, 3].map((i) => [i, i + 4, i + 8]);
    const inputs = parts.map((part) => tf.tensor2d([part]));
    const expected = winner(parts.flat(), groups, received, kind === 'maximum' ? 1 : -1);
    expect(await relevanceOf(model, inputs, undefined, { start: tf.tensor2d([received]) })).toEqual(expected);
    const { values, sizes } = inProportion(parts.flat(), groups, received, 1e-6);
    const options = { start: tf.tensor2d([received]) };
    expectElements(await relevanceOf(model, inputs, { pick: proportional() }, options), values, sizes);
  });

  test('broadcast operands', async () => {
    // a is [2, 2], b one row that meets both rows.
    const [a, b] = [[1, 5, -1, 0], [2, 0]]; // biome-ignore format: two operands
    const model = modelOf(layer(), [[2, 2], [1, 2]]); // biome-ignore format: two shapes
    const groups = [[0, 4], [1, 5], [2, 4], [3, 5]]; // biome-ignore format: one list per output
    const received = [1, 2, 3, -4];
    const inputs = [tf.tensor(a, [1, 2, 2]), tf.tensor(b, [1, 1, 2])];
    const start = () => tf.tensor(received, [1, 2, 2]);
    const expected = winner([...a, ...b], groups, received, kind === 'maximum' ? 1 : -1);
    expect(await relevanceOf(model, inputs, undefined, { start: start() })).toEqual(expected);
    const { values, sizes } = inProportion([...a, ...b], groups, received, 1e-6);
    expectElements(await relevanceOf(model, inputs, { pick: proportional() }, { start: start() }), values, sizes);
  });
});

test('an embedding lookup: a token earns the sum over its features', async () => {
  const layer = tfl.layers.embedding({ inputDim: 4, outputDim: 3, inputLength: 2, name: 'embedding' });
  const model = tfl.sequential({ layers: [layer] });
  const start = tf.tensor3d([1, 2, 3, -4, 5, 6], [1, 2, 3]);
  expect(await relevanceOf(model, tf.tensor2d([[1, 3]]), undefined, { start })).toEqual([6, 7]);
  expect(() => plan(model, { embedding: proportional() })).toThrowErrorMatchingInlineSnapshot(`
    [PlanError: The model cannot be explained as asked (1 problem):
      1. Rule proportional(stabilizer=1e-6) serves select steps and cannot serve embedding: "embedding" has no candidates to share among. Choose a rule for these steps, or match other layers.]
  `);
});

test('masked positions lose what they get', async () => {
  const model = modelOf(tfl.layers.masking({ maskValue: 0, name: 'masking' }), [[3, 2]]);
  const x = tf.tensor3d([1, 0, 0, 0, 3, 4], [1, 3, 2]);
  const start = tf.tensor3d([1, 2, 3, 4, 5, 6], [1, 3, 2]);
  const explanation = explain(model, x, undefined, { start });
  expect([...(await at(explanation.inputs, 0).relevance.data())]).toEqual([1, 2, 0, 0, 5, 6]);
  expect((await explanation.conservation()).rows[0]).toMatchObject({ padding: 7, passed: 14 });
  explanation.dispose();
});

test('by hand: proportional', async () => {
  // Window (1, 3), sum 4, stabilizer 1: 1/5 · 10 and 3/5 · 10.
  const model = modelOf(tfl.layers.maxPooling1d({ poolSize: 2 }), [[2, 1]]);
  const rules = composite('mine', [{ match: {}, rule: proportional(1) }]);
  const start = tf.tensor3d([10], [1, 1, 1]);
  const earned = await relevanceOf(model, tf.tensor3d([1, 3], [1, 2, 1]), rules, { start });
  expectElements(earned, [2, 6], [2, 6]);
});

test('they serve selections only', () => {
  const model = modelOf(tfl.layers.flatten({ name: 'flat' }), [[2, 2]]);
  expect(() => plan(model, { flat: winnerTakeAll() })).toThrowErrorMatchingInlineSnapshot(`
    [PlanError: The model cannot be explained as asked (1 problem):
      1. Rule winner-take-all serves select steps and cannot serve flat: "flatten" is a relabel step. Choose a rule for these steps, or match other layers.]
  `);
});

test('parameters out of range', () => {
  expect(() => proportional(-1)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "proportional": stabilizer must be a finite number of at least 0, received -1.]`,
  );
  expect(() => proportional(Number.NaN)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "proportional": stabilizer must be a finite number of at least 0, received NaN.]`,
  );
});
