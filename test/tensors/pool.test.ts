import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { TensorPool } from '../../src/tensors/pool.js';

test('a tensor goes with its last holder', () => {
  const pool = new TensorPool();
  const tensor = pool.retain(tf.scalar(1));
  pool.retain(tensor);
  pool.release(tensor);
  expect(tensor.isDisposed).toBe(false);
  pool.release(tensor);
  expect(tensor.isDisposed).toBe(true);
});

test('a borrowed tensor is never disposed', () => {
  const pool = new TensorPool();
  const tensor = pool.borrow(tf.scalar(1));
  expect(pool.isForeign(tensor)).toBe(true);
  pool.release(tensor);
  pool.retain(tensor);
  pool.disposeAll();
  expect(tensor.isDisposed).toBe(false);
  tensor.dispose();
});

test('what was handed over is the caller’s', () => {
  const pool = new TensorPool();
  const [kept, ended] = [pool.retain(tf.scalar(1)), pool.retain(tf.scalar(2))];
  expect(pool.isForeign(kept)).toBe(false);
  pool.handOver([kept]);
  pool.disposeAll();
  expect([kept.isDisposed, ended.isDisposed]).toEqual([false, true]);
  kept.dispose();
});

test('everything left goes at the end, once', () => {
  const before = tf.memory().numTensors;
  const pool = new TensorPool();
  const tensor = pool.retain(tf.scalar(1));
  pool.retain(tensor);
  pool.retain(tf.scalar(2));
  pool.disposeAll();
  pool.disposeAll();
  expect(tf.memory().numTensors).toBe(before);
});
