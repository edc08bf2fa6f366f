// docs/keras-models.md shows how Keras 3 writes a layers model. These two were written so, by Keras 3.15.1, with an input and
// what Keras predicted for it: a residual network of several kinds of convolution, and a recurrent one with words in, both
// directions, a layer repeated over time and a nested model.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { explain } from '../../src/index.js';
import { loadModel } from '../../src/node/index.js';

interface Sample {
  readonly shape: number[];
  readonly x: number[];
  readonly y: number[];
}

test.each(['res', 'lstm'])('%s predicts what Keras predicts, and can be explained', async (name) => {
  const folder = join(import.meta.dirname, 'keras-3', name);
  const { shape, x, y } = JSON.parse(readFileSync(join(folder, 'io.json'), 'utf8')) as Sample;
  const model = await loadModel(folder);
  const input = tf.tensor(x, shape);
  const output = tf.tidy(() => model.predict(input) as tf.Tensor);
  const predicted = await output.data();
  expect(predicted).toHaveLength(y.length);
  for (const [index, value] of y.entries())
    expect(Math.abs((predicted[index] ?? Number.NaN) - value)).toBeLessThan(1e-6);
  const explanation = explain(model, input);
  expect((await explanation.conservation()).verdict).toBe('closed');
  for (const disposable of [explanation, input, output, model]) disposable.dispose();
});
