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

test('what is to be done before a tensor ends is done once, with its last holder', () => {
  const pool = new TensorPool();
  const [mine, theirs] = [pool.retain(tf.scalar(1)), pool.borrow(tf.scalar(2))];
  const seen: string[] = [];
  pool.beforeEnd(mine, () => seen.push(`mine ${mine.isDisposed}`));
  pool.beforeEnd(theirs, () => seen.push(`theirs ${theirs.isDisposed}`));
  pool.beforeEnd(theirs, () => seen.push('twice'));
  pool.retain(mine);
  pool.release(mine);
  expect(seen).toEqual([]);
  pool.release(mine);
  pool.release(theirs);
  expect(seen).toEqual(['mine false', 'theirs false', 'twice']);
  expect(mine.isDisposed).toBe(true);
  theirs.dispose();
});

test('nothing is done for tensors that are handed over, or when all ends', () => {
  const pool = new TensorPool();
  const [kept, left] = [pool.retain(tf.scalar(1)), pool.retain(tf.scalar(2))];
  for (const tensor of [kept, left]) {
    pool.beforeEnd(tensor, () => {
      throw new Error('not wanted');
    });
  }
  pool.handOver([kept]);
  pool.disposeAll();
  expect([kept.isDisposed, left.isDisposed]).toEqual([false, true]);
  kept.dispose();
});

test('a tensor whose end fails goes with everything', () => {
  const before = tf.memory().numTensors;
  const pool = new TensorPool();
  const tensor = pool.retain(tf.scalar(1));
  pool.beforeEnd(tensor, () => {
    throw new Error('no memory');
  });
  expect(() => pool.release(tensor)).toThrow('no memory');
  pool.disposeAll();
  expect(tf.memory().numTensors).toBe(before);
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
