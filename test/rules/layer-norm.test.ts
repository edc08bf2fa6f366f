import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { explain, layerNorm } from '../../src/index.js';
import { at, modelOf, randomizeWeights } from '../layers/reproduce.js';
import { expectElements, grid, numbers } from './compare.js';

test.each([1e-6, 0.5])('epsilon %f', async (epsilon) => {
  const [rows, size, offset] = [2, 5, 1e-3];
  const layer = tfl.layers.layerNormalization({ axis: -1, epsilon: offset, name: 'norm' });
  const model = modelOf(layer, [[rows, size]]);
  randomizeWeights(model);
  const [gammaTensor, betaTensor] = layer.getWeights();
  const gamma = await numbers(at([gammaTensor ?? null], 0) as tf.Tensor); // made by the line above
  const beta = await numbers(at([betaTensor ?? null], 0) as tf.Tensor);
  const [x, received] = [grid(1, rows * size), grid(2, rows * size)];
  const values = x.map(() => 0);
  const sizes = x.map(() => 0);
  for (let row = 0; row < rows; row++) {
    const own = Array.from({ length: size }, (_, i) => row * size + i);
    let mean = 0;
    for (const i of own) mean += at(x, i) / size;
    let variance = 0;
    for (const i of own) variance += (at(x, i) - mean) ** 2 / size;
    const deviation = Math.sqrt(variance + offset);
    for (const [column, j] of own.entries()) {
      const y = ((at(x, j) - mean) / deviation) * at(gamma, column) + at(beta, column);
      const s = at(received, j) / (y < 0 ? y - epsilon : y + epsilon);
      // y_j = Σ_i x_i (δ_ij - 1/n) gamma_j / deviation + beta_j, the deviation held constant.
      for (const i of own) {
        const w = (((i === j ? 1 : 0) - 1 / size) * at(gamma, column)) / deviation;
        values[i] = at(values, i) + at(x, i) * w * s;
        sizes[i] = at(sizes, i) + Math.abs((at(x, i) * at(gamma, column) * s) / deviation);
      }
    }
  }
  const start = tf.tensor(received, [1, rows, size]);
  const explanation = explain(model, tf.tensor(x, [1, rows, size]), { norm: layerNorm(epsilon) }, { start });
  expectElements(await at(explanation.inputs, 0).relevance.data(), values, sizes);
  expect((await explanation.conservation()).verdict).toBe('closed');
  explanation.dispose();
});

test('parameters out of range', () => {
  expect(() => layerNorm(-1)).toThrowErrorMatchingInlineSnapshot(
    `[RuleError: Rule "layer-norm": stabilizer must be a finite number of at least 0, received -1.]`,
  );
});
