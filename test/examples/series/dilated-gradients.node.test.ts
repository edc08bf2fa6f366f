import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers'; // registers gradients
import { afterAll, expect, inject, test } from 'vitest';
import { registerDilatedGradients, widen } from '../../../examples/series/dilated-gradients.js';
import { registerConvolutionGradients } from '../../../examples/shapes/convolution-gradients.js';
import { expectClose, randomTensor } from '../../explanation/tools.js';

const known = tf.getGradient(tf.Conv2D);
afterAll(() => {
  tf.unregisterGradient(tf.Conv2D);
  tf.registerGradient(known);
});

test('zeros between the columns of a filter', async () => {
  const wide = widen(tf.tensor4d([1, 2, 3], [1, 3, 1, 1]), 3);
  expect([...(await wide.data())]).toEqual([1, 0, 0, 2, 0, 0, 3]);
  wide.dispose();
});

test.each([
  [1, 'same'],
  [2, 'same'],
  [3, 'valid'],
  [4, 'same'],
] as const)('dilation %i, %s: as of a convolution by the filter with zeros', async (rate, pad) => {
  if (inject('backend') === 'wasm') registerConvolutionGradients();
  registerDilatedGradients();
  registerDilatedGradients();
  const x = randomTensor([2, 12, 3], 1) as tf.Tensor3D;
  const filter = randomTensor([3, 3, 4], 2) as tf.Tensor3D;
  const before = tf.memory().numTensors;
  // Squared, so that the gradient is not the same everywhere.
  const [dx, dw] = tf.grads((a, b) =>
    tf.sum(tf.square(tf.conv1d(a as tf.Tensor3D, b as tf.Tensor3D, 1, pad, 'NWC', rate))),
  )([x, filter]);
  const [ex, ew] = tf.grads((a, b) => {
    const rows = tf.reshape(b, [1, 3, 3, 4]) as tf.Tensor4D;
    const wide = tf.reshape(widen(rows, rate), [2 * rate + 1, 3, 4]) as tf.Tensor3D;
    return tf.sum(tf.square(tf.conv1d(a as tf.Tensor3D, wide, 1, pad)));
  })([x, filter]);
  await expectClose(dx as tf.Tensor, ex as tf.Tensor);
  await expectClose(dw as tf.Tensor, ew as tf.Tensor);
  tf.dispose([dx, dw, ex, ew] as tf.Tensor[]);
  expect(tf.memory().numTensors).toBe(before);
  tf.dispose([x, filter]);
});
