import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import {
  type DenominatorSign,
  isOnly,
  isZero,
  quotient,
  type Stabilizer,
  signOf,
  stabilize,
  stabilizerOf,
} from '../../src/tensors/stabilize.js';

/** Values of what `make` answers; what it made besides is disposed. */
async function valuesOf(make: () => tf.Tensor): Promise<number[]> {
  const tensor = tf.tidy(make);
  const values = Array.from(await tensor.data(), (value) => value + 0);
  tensor.dispose();
  return values;
}

test('the sign of zero is positive', async () => {
  expect(await valuesOf(() => signOf(tf.tensor1d([-2, -0, 0, 1e-30, 3])))).toEqual([-1, 1, 1, 1, 1]);
});

test('zero is exactly zero', async () => {
  expect(await valuesOf(() => isZero(tf.tensor1d([-2, -0, 0, 1e-30, 3])))).toEqual([0, 1, 1, 0, 0]);
});

test('a denominator that is nothing but its stabilizer is told from the next one', async () => {
  const epsilon = Math.fround(1e-6);
  const next = epsilon + 2 ** -43;
  expect(await valuesOf(() => isOnly(tf.tensor1d([epsilon, next, 1e-3, 7]), 1e-6))).toEqual([1, 0, 0, 0]);
  expect(await valuesOf(() => isOnly(tf.tensor1d([-epsilon, -next, -1e-3, -7]), -1e-6))).toEqual([1, 0, 0, 0]);
});

describe('stabilize', () => {
  // One sample of four outputs; root mean square 2.5: (16 + 0 + 0 + 9) / 4 = 6.25.
  const z = [-4, -0, 0, 3];
  test.each<[Stabilizer, number[]]>([
    [{ mode: 'add', epsilon: 0.5 }, [-4.5, 0.5, 0.5, 3.5]],
    [{ mode: 'unsigned', epsilon: 0.5 }, [-3.5, 0.5, 0.5, 3.5]],
    [{ mode: 'relative', epsilon: 0.5 }, [-5.25, 1.25, 1.25, 4.25]],
    [{ mode: 'clip', epsilon: 0.5 }, [-4, 0.5, 0.5, 3]],
    [{ mode: 'clip', epsilon: 3.5 }, [-4, 3.5, 3.5, 3.5]],
    [{ mode: 'none', epsilon: 0 }, [-4, 1, 1, 3]],
  ])('%j', async (stabilizer, expected) => {
    expect(await valuesOf(() => stabilize(tf.tensor2d([z]), stabilizer))).toEqual(expected);
  });

  test('relative: each sample by its own size, one that is all zero by 1', async () => {
    // Sizes 3, 0 and 1.
    const samples = tf.tensor2d([[3, -3], [0, 0], [1, 1]]); // biome-ignore format: one line per sample
    const expected = [6, -6, 1, 1, 2, 2];
    expect(await valuesOf(() => stabilize(samples, { mode: 'relative', epsilon: 1 }))).toEqual(expected);
    samples.dispose();
  });

  test.each<[DenominatorSign, number[], number[]]>([
    ['nonnegative', [0, 3], [0.5, 3.5]],
    ['nonpositive', [-3, 0], [-3.5, -0.5]],
    // Where it is not positive nobody divides by it; it only must not be zero.
    ['positive', [-3, 2], [0.5, 2.5]],
  ])('a denominator known to be %s', async (sign, values, expected) => {
    expect(await valuesOf(() => stabilize(tf.tensor2d([values]), { mode: 'add', epsilon: 0.5 }, sign))).toEqual(
      expected,
    );
  });
});

test('quotient', async () => {
  const [r, z] = [tf.tensor1d([6, 6, 6]), tf.tensor1d([2, 0, -3])];
  const { s, denominator } = quotient(r, z, { mode: 'none', epsilon: 0 });
  expect([...(await s.data())]).toEqual([3, 0, -2]);
  expect([...(await denominator.data())]).toEqual([2, 1, -3]);
  const added = quotient(r, z, { mode: 'add', epsilon: 1 });
  expect([...(await added.s.data())]).toEqual([2, 6, -1.5]);
  tf.dispose([r, z, s, denominator, added.s, added.denominator]);
});

test('what rules take for a stabilizer', () => {
  expect(stabilizerOf(0.5)).toEqual({ mode: 'add', epsilon: 0.5 });
  expect(stabilizerOf(0).mode).toBe('none');
  expect(stabilizerOf({ mode: 'clip', epsilon: 2 })).toEqual({ mode: 'clip', epsilon: 2 });
  expect(stabilizerOf({ mode: 'relative', epsilon: 0 }).mode).toBe('none');
});

test('nothing is left behind', () => {
  const z = tf.tensor2d([[1, -2]]);
  const before = tf.memory().numTensors;
  for (const mode of ['add', 'relative', 'unsigned', 'clip', 'none'] as const) {
    const answer = quotient(z, z, { mode, epsilon: 0.5 });
    const tensors = Object.values(answer).filter((value) => value instanceof tf.Tensor);
    expect(tf.memory().numTensors).toBe(before + tensors.length);
    tf.dispose(tensors);
    expect(tf.memory().numTensors).toBe(before);
  }
  z.dispose();
});

test('what was added is what the denominator has more than the sum', async () => {
  const z = tf.tensor2d([[1, -2, 0.25, 0]]);
  for (const mode of ['add', 'relative', 'unsigned', 'clip', 'none'] as const) {
    const { denominator, added } = quotient(z, z, { mode, epsilon: 0.5 });
    // Without a stabilizer the denominator of zero is one, which counts for nothing.
    const expected = await tf.tidy(() => (mode === 'none' ? tf.zerosLike(z) : tf.sub(denominator, z))).data();
    const actual = typeof added === 'number' ? [added, added, added, added] : [...(await added.data())];
    for (const [index, value] of actual.entries()) expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 6);
  }
  tf.dispose(z);
});
