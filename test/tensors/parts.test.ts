import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { negativePart, positivePart, signedPart } from '../../src/tensors/parts.js';

const W = [-3e30, -2, -0, 0, 1, 5e30];

async function valuesOf(make: (w: tf.Tensor) => tf.Tensor): Promise<number[]> {
  const w = tf.tensor1d(W);
  const before = tf.memory().numTensors;
  const part = make(w);
  expect(tf.memory().numTensors).toBe(part === w ? before : before + 1);
  const values = Array.from(await part.data(), (value) => value + 0);
  part.dispose();
  w.dispose();
  return values;
}

const float = (values: number[]) => [...Float32Array.from(values)].map((value) => value + 0);

test('parts by sign', async () => {
  expect(await valuesOf(positivePart)).toEqual(float([0, 0, 0, 0, 1, 5e30]));
  expect(await valuesOf(negativePart)).toEqual(float([-3e30, -2, 0, 0, 0, 0]));
});

test.each([
  [1, 1],
  [2, 2],
  [1, 0],
  [0, 1],
  [3, 0],
  [0, -2],
  [1.25, 1],
  [1, 1.25],
  [-1, 2],
])('%f w⁺ + %f w⁻', async (positive, negative) => {
  const expected = W.map((w) => positive * Math.max(w, 0) + negative * Math.min(w, 0));
  const actual = await valuesOf((w) => signedPart(w, positive, negative));
  for (const [index, value] of actual.entries()) {
    expect(Math.abs(value - (expected[index] ?? Number.NaN))).toBeLessThanOrEqual(1e-6 * Math.abs(value));
  }
});

test('all of it is the tensor itself', () => {
  const w = tf.tensor1d(W);
  expect(signedPart(w, 1, 1)).toBe(w);
  w.dispose();
});
