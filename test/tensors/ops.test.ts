// Bare kernels answer as tfjs' own operations do, for whatever operands.
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import * as ops from '../../src/tensors/ops.js';

type Binary = (a: tf.Tensor | number, b: tf.Tensor | number) => tf.Tensor;
type Unary = (x: tf.Tensor) => tf.Tensor;

const BINARY: readonly [name: string, ours: Binary, theirs: Binary][] = [
  ['add', ops.add, tf.add],
  ['sub', ops.sub, tf.sub],
  ['mul', ops.mul, tf.mul],
  ['div', ops.div, tf.div],
];
const UNARY: readonly [name: string, ours: Unary, theirs: Unary][] = [
  ['neg', ops.neg, tf.neg],
  ['abs', ops.abs, tf.abs],
  ['relu', ops.relu, tf.relu],
  ['step', (x) => ops.step(x), (x) => tf.step(x)],
  ['step with a slope', (x) => ops.step(x, -1), (x) => tf.step(x, -1)],
  ['clip by value', (x) => ops.clipByValue(x, -2, 4), (x) => tf.clipByValue(x, -2, 4)],
  ['reshape', (x) => ops.reshape(x, [x.size, 1]), (x) => tf.reshape(x, [x.size, 1])],
  ['reshape with an open size', (x) => ops.reshape(x, [-1]), (x) => tf.reshape(x, [-1])],
];

/** What a calculation answers: shape, type and numbers. All its tensors end. */
async function answer(make: () => tf.Tensor) {
  const before = tf.memory().numTensors;
  const made = make();
  const { shape, dtype } = made;
  const values = [...(await made.data())];
  made.dispose();
  expect(tf.memory().numTensors).toBe(before);
  return { shape, dtype, values };
}

const operands = () => ({
  floats: tf.tensor2d([1.5, -2, 0, 4, -5.25, 6], [2, 3]),
  row: tf.tensor1d([3, -0.5, 2]),
  whole: tf.tensor2d([7, -8, 9, 10, -11, 12], [2, 3], 'int32'),
  number: 2.5,
});

test.each(BINARY)('%s', async (_, ours, theirs) => {
  const { floats, row, whole, number } = operands();
  const pairs = [
    [floats, floats],
    [floats, row],
    [row, floats],
    [floats, number],
    [number, row],
    [floats, whole],
    [whole, whole],
  ] as const;
  for (const [a, b] of pairs) expect(await answer(() => ours(a, b))).toEqual(await answer(() => theirs(a, b)));
  const longer = tf.zeros([4]);
  expect(() => ours(floats, longer)).toThrow();
  tf.dispose([floats, row, whole, longer]);
});

test.each(UNARY)('%s', async (_, ours, theirs) => {
  const { floats, row, whole } = operands();
  for (const x of [floats, row, whole]) expect(await answer(() => ours(x))).toEqual(await answer(() => theirs(x)));
  tf.dispose([floats, row, whole]);
});

test('products of matrices', async () => {
  const { floats, row, whole } = operands();
  for (const x of [floats, whole]) {
    for (const left of [true, false]) {
      const ours = await answer(() => ops.matMul(floats, x, left, !left));
      expect(ours).toEqual(await answer(() => tf.matMul(floats, x, left, !left)));
    }
  }
  expect(() => ops.matMul(floats, floats)).toThrow();
  expect(() => ops.reshape(floats, [4])).toThrow();
  tf.dispose([floats, row, whole]);
});
