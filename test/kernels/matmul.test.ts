// Products of two matrices that are both worked out, against a literal sum.
import * as tf from '@tensorflow/tfjs-core';
import { expect, inject, test } from 'vitest';
import { matMul } from '../../src/kernels/matmul.js';
import { expectNumbersClose, randomTensor } from '../explanation/tools.js';

/** A product's sigmoid: on webgl it leaves 0.5 in the places of a texel that lie outside of the tensor. */
const workedOut = (shape: readonly number[]) =>
  tf.tidy(() => tf.sigmoid(tf.matMul(randomTensor(shape), tf.eye(shape.at(-1) ?? 1))));

const TURNS = [false, true].flatMap((a) => [false, true].map((b) => [a, b] as const));

/** `Σ_k A_ik B_kj` of one batch of matrices. */
async function literal(a: tf.Tensor, b: tf.Tensor, turnA: boolean, turnB: boolean): Promise<number[]> {
  const turned = [a, b].map((x, index) => ([turnA, turnB][index] ? tf.transpose(x, [0, 2, 1]) : tf.clone(x)));
  const [left, right] = await Promise.all(turned.map(async (x) => x.array() as Promise<number[][][]>));
  tf.dispose(turned);
  return (left ?? []).flatMap((matrix, batch) =>
    matrix.flatMap((row) =>
      (right?.[batch]?.[0] ?? []).map((_, j) =>
        row.reduce((sum, value, k) => sum + value * (right?.[batch]?.[k]?.[j] ?? Number.NaN), 0),
      ),
    ),
  );
}

test.each(TURNS)('odd and even lengths, turned %s and %s', async (turnA, turnB) => {
  for (const inner of [1, 2, 3, 5]) {
    const a = workedOut(turnA ? [2, inner, 3] : [2, 3, inner]);
    const b = workedOut(turnB ? [2, 5, inner] : [2, inner, 5]);
    const result = matMul(a, b, turnA, turnB);
    expect(result.shape).toEqual([2, 3, 5]);
    expectNumbersClose([...(await result.data())], await literal(a, b, turnA, turnB), 1e-5);
    tf.dispose([a, b, result]);
  }
});

test('many axes before the last two, broadcast', async () => {
  const [a, b] = [workedOut([1, 1, 2, 1, 3]), workedOut([2, 1, 2, 3, 2])];
  const result = matMul(a, b);
  expect(result.shape).toEqual([2, 1, 2, 1, 2]);
  const products = tf.tidy(() => tf.sum(tf.mul(tf.transpose(a, [0, 1, 2, 4, 3]), b), -2));
  expectNumbersClose([...(await result.data())], [...(await products.data())]);
  tf.dispose([a, b, result, products]);
});

test.runIf(inject('backend') === 'webgl')('tfjs is wrong on webgl, or the table has no reason left', async () => {
  const [a, b] = [workedOut([1, 1, 1]), workedOut([1, 1, 1])];
  const [plain, right] = [tf.matMul(a, b), tf.mul(a, b)];
  expect(Math.abs(Number((await plain.data())[0]) - Number((await right.data())[0]))).toBeGreaterThan(0.1);
  tf.dispose([a, b, plain, right]);
});
