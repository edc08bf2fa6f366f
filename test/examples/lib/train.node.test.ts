import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test, vi } from 'vitest';
import { binaryAccuracy, classAccuracy } from '../../../examples/lib/accuracy.js';
import { train } from '../../../examples/lib/train.js';

test('training learns y = 2 x, and disposes what it draws', async () => {
  const printed = vi.spyOn(console, 'log').mockImplementation(() => {});
  const layer = tfl.layers.dense({ units: 1, useBias: false, inputShape: [1], kernelInitializer: 'zeros' });
  const model = tfl.sequential({ layers: [layer] });
  let drawn = 0;
  const draw = () => {
    drawn++;
    const inputs = tf.tensor2d([[1], [-0.5]]);
    return { inputs, targets: tf.tidy(() => tf.mul(inputs, 2)) };
  };
  await train(model, { loss: 'meanSquaredError', steps: 20, highestRate: 0.1, draw });
  const before = tf.memory().numTensors;
  // What the optimizer keeps is made anew here, and as much is let go of.
  expect(await train(model, { loss: 'meanSquaredError', steps: 100, highestRate: 0.1, draw })).toBeLessThan(1e-2);
  expect(tf.memory().numTensors - before).toBeLessThan(20);
  expect(drawn).toBe(120);
  expect(printed).toHaveBeenCalledTimes(20);
  const [slope = 0] = await (layer.getWeights()[0] as tf.Tensor).data();
  expect(slope).toBeCloseTo(2, 1);
  printed.mockRestore();
});

test('accuracies, counted by hand', async () => {
  const identity = tfl.sequential({ layers: [tfl.layers.activation({ activation: 'linear', inputShape: [2] })] });
  const outputs = () =>
    tf.tensor2d([
      [0.9, 0.2],
      [0.4, 0.6],
      [0.7, 0.8],
    ]);
  const before = tf.memory().numTensors;
  // Right: 0.9, 0.2, 0.4, 0.8; wrong: 0.6 (0), 0.7 (0).
  expect(
    await binaryAccuracy(
      identity,
      outputs(),
      tf.tensor2d([
        [1, 0],
        [0, 0],
        [0, 1],
      ]),
    ),
  ).toBeCloseTo(4 / 6, 6);
  // Strongest: 0, 1, 1.
  expect(
    await classAccuracy(
      identity,
      outputs(),
      tf.tensor2d([
        [1, 0],
        [1, 0],
        [0, 1],
      ]),
    ),
  ).toBeCloseTo(2 / 3, 6);
  expect(tf.memory().numTensors).toBe(before);
});
