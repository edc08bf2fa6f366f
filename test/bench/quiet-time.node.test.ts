import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { QuietTime } from '../../bench/quiet-time.js';

test('adds up the quietest of each kernel and of what lies between', () => {
  // A kernel that takes as long as it is told, by a clock that stands still otherwise, and calls another.
  let clock = 0;
  const x = tf.scalar(1);
  const kernelName = 'Slow';
  const backendName = tf.getBackend();
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ attrs }) => {
      clock += Number(attrs?.ms);
      return tf.engine().runKernel<tf.Tensor>(tf.Reshape, { x }, { shape: [1] });
    },
  });
  const slow = (ms: number) => tf.engine().runKernel<tf.Tensor>(kernelName, { x }, { ms }).dispose();
  const quiet = new QuietTime(() => clock);
  expect(quiet.ms).toBe(Number.POSITIVE_INFINITY);
  // Each run is disturbed somewhere else.
  for (const [first, pause, second] of [
    [1, 20, 400],
    [100, 20, 3],
    [1, 500, 3],
  ] as const) {
    quiet.run(() => {
      slow(first);
      clock += pause;
      slow(second);
    });
  }
  expect(quiet.ms).toBe(1 + 20 + 3);
  x.dispose();
  tf.unregisterKernel(kernelName, backendName);
});

test('refuses work that changes, and puts the engine back as it was', () => {
  const runKernel = tf.engine().runKernel;
  const quiet = new QuietTime();
  const work = (x: tf.Tensor) => tf.tidy(() => tf.relu(tf.neg(x)));
  const x = tf.scalar(1);
  quiet.run(() => void work(x));
  expect(() => quiet.run(() => void tf.tidy(() => tf.neg(x)))).toThrow('Runs 1 kernels where it ran 2');
  const failing = () => {
    throw new Error('broken');
  };
  expect(() => quiet.run(failing)).toThrow('broken');
  expect(tf.engine().runKernel).toBe(runKernel);
  x.dispose();
});
