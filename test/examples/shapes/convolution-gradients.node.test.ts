import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers gradients
import { afterAll, expect, inject, test } from 'vitest';
import { registerConvolutionGradients } from '../../../examples/shapes/convolution-gradients.js';

afterAll(() => tf.setBackend(inject('backend')));

async function gradients(backend: string, size: number, kernel: number, pad: 'same' | 'valid'): Promise<number[][]> {
  await tf.setBackend(backend);
  const results = tf.tidy(() => {
    const x = tf.randomNormal<tf.Rank.R4>([2, size, size, 3], 0, 1, 'float32', 1);
    const filter = tf.randomNormal<tf.Rank.R4>([kernel, kernel, 3, 4], 0, 1, 'float32', 2);
    // Squared, so that the gradient is not the same everywhere.
    const loss = (...[a, b]: tf.Tensor[]): tf.Scalar =>
      tf.sum(tf.square(tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 1, pad))) as tf.Scalar;
    return tf.grads(loss)([x, filter]);
  });
  const numbers = await Promise.all(results.map(async (result) => [...(await result.data())]));
  tf.dispose(results);
  return numbers;
}

test.runIf(inject('backend') === 'wasm').each([
  [6, 3, 'same'],
  [7, 3, 'valid'],
  [6, 2, 'same'],
  [5, 4, 'same'],
] as const)('on wasm as on cpu: size %i, kernel %i, %s', async (size, kernel, pad) => {
  registerConvolutionGradients();
  registerConvolutionGradients();
  const before = tf.memory().numTensors;
  const expected = await gradients('cpu', size, kernel, pad);
  const found = await gradients('wasm', size, kernel, pad);
  for (const [i, values] of found.entries()) {
    for (const [j, value] of values.entries()) expect(Math.abs(value - (expected[i]?.[j] ?? 0))).toBeLessThan(1e-3);
  }
  expect(tf.memory().numTensors).toBe(before);
});
