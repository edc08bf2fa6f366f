import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { globalMaxStep, maskStep, maxPoolStep } from '../../src/steps/select.js';
import type { SelectStep } from '../../src/steps/step.js';
import { at } from '../layers/reproduce.js';

const noWeight = () => {
  throw new Error('no weight here');
};

/** Where relevance `rOut` of the outputs goes, and what is lost. */
async function route(step: SelectStep, x: tf.Tensor, rOut: tf.Tensor): Promise<{ back: number[]; lost: number[] }> {
  const [back, lost] = tf.tidy(() => [
    at(step.route(rOut, [x], step.apply([x], noWeight)), 0) ?? tf.zerosLike(x),
    step.lost?.(rOut, [x]) ?? tf.zeros([1]),
  ]);
  const values = { back: [...(await at([back], 0).data())], lost: [...(await at([lost], 0).data())] };
  tf.dispose([back, lost, x, rOut]);
  return values;
}

test('max pooling gives ties to the first in row-major order, also where all is negative or equal', async () => {
  const step = maxPoolStep({ sizes: [2, 2], strides: [2, 2], padding: 'valid' });
  const x = tf.tensor4d([-3, -1, 0, 0, -1, -2, 0, 0], [1, 2, 4, 1]);
  const { back } = await route(step, x, tf.tensor4d([10, 20], [1, 1, 2, 1]));
  expect(back).toEqual([0, 10, 20, 0, 0, 0, 0, 0]);
});

test('overlapping windows add up', async () => {
  const step = maxPoolStep({ sizes: [2], strides: [1], padding: 'valid' });
  const { back } = await route(step, tf.tensor3d([1, 5, 2], [1, 3, 1]), tf.tensor3d([3, 4], [1, 2, 1]));
  expect(back).toEqual([0, 7, 0]);
});

test('global max pooling gives ties to the first in row-major order', async () => {
  const x = tf.tensor4d([1, 7, 7, 2, 7, 0], [1, 3, 1, 2]);
  const { back } = await route(globalMaxStep([1, 2]), x, tf.tensor2d([[10, 20]]));
  expect(back).toEqual([0, 20, 10, 0, 0, 0]);
});

test('masked positions lose their relevance', async () => {
  const x = tf.tensor3d([1, 0, 0, 0, 0, 2], [1, 3, 2]);
  const { back, lost } = await route(maskStep(0), x, tf.tensor3d([1, 2, 3, 4, 5, 6], [1, 3, 2]));
  expect(back).toEqual([1, 2, 0, 0, 5, 6]);
  expect(lost).toEqual([0, 0, 3, 4, 0, 0]);
});
