import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { DisposedError } from '../../src/index.js';
import { DerivedTensors } from '../../src/tensors/derived.js';
import { derivedWeight, variableWeight } from '../../src/tensors/weight.js';

const variable = (values: number[]) => tf.variable(tf.tensor1d(values));
const read = async (tensor: tf.Tensor | undefined) => [...((await tensor?.data()) ?? [])];
const double = (value: tf.Tensor) => [tf.mul(value, 2)];

describe('a weight of the user', () => {
  test('is handed out itself, and never disposed', () => {
    const w = variable([1, 2]);
    const derived = new DerivedTensors();
    expect(derived.read(variableWeight('w', w))).toBe(w);
    // Handing back the value makes it nobody else's.
    expect(derived.get(variableWeight('w', w), 'same', (value) => [value])).toEqual([w]);
    expect(derived.bytes).toBe(0);
    derived.dispose();
    expect(w.isDisposed).toBe(false);
    w.dispose();
  });

  test('what is made of it is made once per recipe', async () => {
    const w = variable([1, 2]);
    const weight = variableWeight('w', w);
    const derived = new DerivedTensors();
    const [first] = derived.get(weight, 'double', double);
    const made = derived.made;
    const [again] = derived.get(weight, 'double', () => {
      throw new Error('made twice');
    });
    expect(again).toBe(first);
    expect(derived.made).toBe(made);
    expect(derived.bytes).toBe(8);
    const [other] = derived.get(weight, 'triple', (value) => [tf.mul(value, 3)]);
    expect(await read(other)).toEqual([3, 6]);
    expect(derived.made).toBe(made + 1);
    derived.dispose();
    w.dispose();
  });

  test('is made anew when its data have changed, and the old one ended', async () => {
    const w = variable([1, 2]);
    const weight = variableWeight('w', w);
    const derived = new DerivedTensors();
    const [first] = derived.get(weight, 'double', double);
    const before = tf.memory().numTensors;
    const next = tf.tensor1d([5, 6]);
    w.assign(next);
    const [second] = derived.get(weight, 'double', double);
    expect(await read(second)).toEqual([10, 12]);
    expect(first?.isDisposed).toBe(true);
    next.dispose();
    expect(tf.memory().numTensors).toBe(before);
    derived.dispose();
    w.dispose();
  });

  test('that was disposed is an error that names it', () => {
    const w = variable([1]);
    const derived = new DerivedTensors();
    const weight = variableWeight('dense/kernel', w);
    w.dispose();
    expect(() => derived.read(weight)).toThrowErrorMatchingInlineSnapshot(
      `[DisposedError: The weight "dense/kernel" has been disposed. The model must live as long as its plan: plan it again.]`,
    );
  });
});

describe('a weight computed from others', () => {
  const setUp = () => {
    const [w, s] = [variable([1, 2]), variable([10, 100])];
    const scaled = derivedWeight('scaled', [2], [variableWeight('w', w), variableWeight('s', s)], (a, b) =>
      tf.mul(a, b),
    );
    return { w, s, scaled, shifted: derivedWeight('shifted', [2], [scaled, scaled], (a) => tf.add(a, 1)) };
  };

  test('knows the variables it depends on, each once', () => {
    const { w, s, shifted } = setUp();
    expect(shifted.sources).toEqual([w, s]);
    expect(shifted.derived).toBe(true);
    tf.dispose([w, s]);
  });

  test('is computed when it is read, and kept', async () => {
    const { w, s, shifted } = setUp();
    const before = tf.memory().numTensors;
    const derived = new DerivedTensors();
    const value = derived.read(shifted);
    expect(await read(value)).toEqual([11, 201]);
    expect(derived.read(shifted)).toBe(value);
    expect(tf.memory().numTensors).toBe(before + 1);
    derived.dispose();
    expect(tf.memory().numTensors).toBe(before);
    tf.dispose([w, s]);
  });

  test('follows a change of any of them, and so does what was made of it', async () => {
    const { w, s, scaled } = setUp();
    const derived = new DerivedTensors();
    derived.get(scaled, 'double', double);
    // A recipe that hands the value on does not own it.
    derived.get(scaled, 'same', (value) => [value]);
    const before = tf.memory().numTensors;
    const next = tf.tensor1d([0, 1]);
    s.assign(next);
    next.dispose();
    expect(await read(derived.get(scaled, 'same', (value) => [value])[0])).toEqual([0, 2]);
    expect(await read(derived.get(scaled, 'double', double)[0])).toEqual([0, 4]);
    expect(tf.memory().numTensors).toBe(before);
    derived.dispose();
    tf.dispose([w, s]);
  });
});

test('constants are kept per owner and recipe', () => {
  const before = tf.memory().numTensors;
  const derived = new DerivedTensors();
  const [a, b] = [{}, {}];
  const first = derived.constant(a, 'one', () => tf.scalar(1));
  expect(derived.constant(a, 'one', () => tf.scalar(2))).toBe(first);
  expect(derived.constant(b, 'one', () => tf.scalar(2))).not.toBe(first);
  expect(derived.constant(a, 'two', () => tf.scalar(2))).not.toBe(first);
  derived.dispose();
  derived.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('nothing can be read after the end', () => {
  const derived = new DerivedTensors();
  derived.dispose();
  expect(() => derived.constant({}, 'one', () => tf.scalar(1))).toThrow(DisposedError);
});

test('a recipe that fails leaves nothing behind', () => {
  const w = variable([1]);
  const before = tf.memory().numTensors;
  const derived = new DerivedTensors();
  const fail = () =>
    derived.get(variableWeight('w', w), 'broken', (value) => {
      tf.mul(value, 2);
      throw new Error('broken');
    });
  expect(fail).toThrow('broken');
  expect(tf.memory().numTensors).toBe(before);
  w.dispose();
});
