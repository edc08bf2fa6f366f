import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { DisposedError, explain, type Plan, plan, presetNames } from '../../src/index.js';
import { at, randomizeWeights, randomTensor } from '../layers/reproduce.js';
import { numbers } from '../rules/compare.js';
import { smallCnn } from './models.js';

/** A convolution with batch normalization, so that kernels are derived from several weights. */
function net(): tfl.LayersModel {
  const { conv2d, batchNormalization, reLU, flatten, dense } = tfl.layers;
  const model = tfl.sequential({
    name: 'net',
    layers: [
      conv2d({ filters: 4, kernelSize: 3, inputShape: [6, 6, 2], name: 'conv' }),
      batchNormalization({ name: 'norm' }),
      reLU({ name: 'relu' }),
      flatten({ name: 'flatten' }),
      dense({ units: 3, name: 'dense' }),
    ],
  });
  randomizeWeights(model);
  return model;
}

async function arrived(made: Plan, x: tf.Tensor): Promise<number[]> {
  const explanation = made.explain(x, { target: 1 });
  const values = await numbers(at(explanation.inputs, 0).relevance);
  explanation.dispose();
  return values;
}

async function fresh(model: tfl.LayersModel, x: tf.Tensor): Promise<number[]> {
  const made = plan(model, 'epsilon-alpha2-beta1');
  const values = await arrived(made, x);
  made.dispose();
  return values;
}

test.each(presetNames)('%s: a second explanation derives nothing, and has the same result', async (name) => {
  const model = smallCnn();
  randomizeWeights(model);
  const made = plan(model, name);
  const x = randomTensor([2, 12, 12, 3], 1);
  const first = await arrived(made, x);
  const { made: count, bytes } = made.derived;
  const before = tf.memory().numTensors;
  expect(await arrived(made, x)).toEqual(first);
  expect(made.derived).toEqual({ made: count, bytes });
  // Another batch needs no other kernels.
  const one = randomTensor([1, 12, 12, 3], 2);
  await arrived(made, one);
  expect(made.derived).toEqual({ made: count, bytes });
  expect(tf.memory().numTensors).toBe(before + 1);
  tf.dispose([x, one]);
  made.dispose();
});

describe('weights that change after planning are noticed', () => {
  const x = randomTensor([2, 6, 6, 2], 3);
  const changes: [string, (model: tfl.LayersModel) => void][] = [
    [
      'moving statistics alone',
      (model) => {
        for (const weight of model.getLayer('norm').weights) {
          if (weight.originalName.includes('moving')) tf.tidy(() => void weight.write(tf.add(weight.read(), 0.5)));
        }
      },
    ],
  ];

  test.each(changes)('%s', async (_name, change) => {
    const model = net();
    const made = plan(model, 'epsilon-alpha2-beta1');
    const before = await arrived(made, x);
    const { bytes } = made.derived;
    change(model);
    const after = await arrived(made, x);
    expect(after).not.toEqual(before);
    expect(after).toEqual(await fresh(model, x));
    // The old kernels are gone.
    expect(made.derived.bytes).toBe(bytes);
    made.dispose();
  });

  test('training', async () => {
    const model = net();
    // Dense alone can be trained on every backend.
    for (const layer of model.layers) layer.trainable = layer.name === 'dense';
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const made = plan(model, 'epsilon-alpha2-beta1');
    const before = await arrived(made, x);
    const y = tf.ones([2, 3]);
    await model.trainOnBatch(x, y);
    y.dispose();
    const after = await arrived(made, x);
    expect(after).not.toEqual(before);
    expect(after).toEqual(await fresh(model, x));
    made.dispose();
  });
});

describe('the end', () => {
  test('use after that of the model is an error that names the weight', () => {
    const model = net();
    const made = plan(model, 'epsilon-plus');
    model.dispose();
    const x = randomTensor([1, 6, 6, 2], 4);
    const before = tf.memory().numTensors;
    expect(() => made.explain(x)).toThrowErrorMatchingInlineSnapshot(
      `[DisposedError: The weight "conv/bias with batch norm" has been disposed. The model must live as long as its plan: plan it again.]`,
    );
    expect(tf.memory().numTensors).toBe(before);
    expect(() => explain(model, x)).toThrow(DisposedError);
    made.dispose();
    x.dispose();
  });

  test('an explanation outlives its plan', async () => {
    const made = plan(net(), 'epsilon-plus');
    const x = randomTensor([1, 6, 6, 2], 4);
    const explanation = made.explain(x);
    const values = await numbers(at(explanation.inputs, 0).relevance);
    made.dispose();
    expect(await numbers(at(explanation.inputs, 0).relevance)).toEqual(values);
    expect(String(explanation.plan)).toContain('epsilon-plus');
    explanation.dispose();
    x.dispose();
  });
});
