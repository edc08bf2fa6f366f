// Below a ReLU generalized gamma needs no branch for negative outputs, since nothing arrives there. A start tensor of the
// user's own says nothing of where it is zero, so it takes the general path; the score takes the short one.
import type * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { composite, gamma, move, norm, plan, type RulesInput } from '../../src/index.js';
import { at, randomizeWeights, randomTensor } from '../layers/reproduce.js';
import { expectNumbers, numbers } from './compare.js';

type Part = () => tfl.layers.Layer;

const conv = (options: Partial<Parameters<typeof tfl.layers.conv2d>[0]> = {}) =>
  tfl.layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', name: 'conv', ...options });

/** What stands between the convolution and the dense layer. */
const MIDDLES: [string, Part[]][] = [
  ['relu', [() => tfl.layers.reLU()]],
  ['relu, max pooling', [() => tfl.layers.reLU(), () => tfl.layers.maxPooling2d({ poolSize: 2 })]],
  ['max pooling, relu', [() => tfl.layers.maxPooling2d({ poolSize: 2 }), () => tfl.layers.reLU()]],
  ['relu, average pooling', [() => tfl.layers.reLU(), () => tfl.layers.averagePooling2d({ poolSize: 2 })]],
  ['relu, upsampling', [() => tfl.layers.reLU(), () => tfl.layers.upSampling2d({ size: [2, 2] })]],
  ['cropping, relu', [() => tfl.layers.cropping2D({ cropping: [[1, 0], [0, 1]] }), () => tfl.layers.reLU()]], // biome-ignore format: one case
  ['tanh, relu', [() => tfl.layers.activation({ activation: 'tanh' }), () => tfl.layers.reLU()]],
  ['sigmoid', [() => tfl.layers.activation({ activation: 'sigmoid' })]],
  ['softplus after relu', [() => tfl.layers.reLU(), () => tfl.layers.activation({ activation: 'softplus' })]],
  ['batch norm after relu', [() => tfl.layers.reLU(), () => tfl.layers.batchNormalization()]],
  ['a crop that stretches', [() => tfl.layers.reLU(), () => tfl.layers.centerCrop({ height: 6, width: 6 })]],
];

async function bothWays(model: tfl.LayersModel, x: tf.Tensor, rules: RulesInput) {
  const planned = plan(model, rules, { canonize: { batchNorm: 'none' } });
  const lean = planned.explain(x, { target: 1 });
  const general = planned.explain(x, { start: lean.target.relevance });
  const [a, b] = [await numbers(at(lean.inputs, 0).relevance), await numbers(at(general.inputs, 0).relevance)];
  for (const one of [lean, general, planned]) one.dispose();
  return [a, b] as const;
}

describe.each(MIDDLES)('%s', (_name, parts) => {
  const model = tfl.sequential({
    layers: [
      conv({ inputShape: [4, 4, 2] }),
      ...parts.map((part) => part()),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 3, name: 'dense' }),
    ],
  });
  randomizeWeights(model);
  const x = randomTensor([2, 4, 4, 2], 3);

  test('both paths agree', async () => {
    const [lean, general] = await bothWays(model, x, gamma(0.5));
    expectNumbers(lean, general);
  });

  test('also with rules that spread relevance evenly', async () => {
    const [lean, general] = await bothWays(model, x, gamma(0.5, { bias: 'distribute' }));
    expectNumbers(lean, general);
  });
});

test('two readers of one relu', async () => {
  const input = tfl.input({ shape: [6] });
  const hidden = tfl.layers.dense({ units: 5, activation: 'relu', name: 'hidden' }).apply(input);
  const left = tfl.layers.dense({ units: 3, name: 'left' }).apply(hidden) as tfl.SymbolicTensor;
  const right = tfl.layers.dense({ units: 3, name: 'right', activation: 'tanh' }).apply(hidden) as tfl.SymbolicTensor;
  const outputs = tfl.layers.add().apply([left, right]) as tfl.SymbolicTensor;
  const model = tfl.model({ inputs: input, outputs });
  randomizeWeights(model);
  const rules = composite('mine', [
    { match: { weighted: true }, rule: gamma(0.5) },
    { match: { weighted: false }, rule: norm() },
    { match: {}, rule: move(), optional: true },
  ]);
  const [lean, general] = await bothWays(model, randomTensor([3, 6], 4), rules);
  expectNumbers(lean, general);
});

test('a score that starts at an inner layer takes the general path', async () => {
  // The pre-activation of `hidden` has no address; its output after tanh can be negative and starts with its own value.
  const model = tfl.sequential({
    layers: [
      tfl.layers.dense({ units: 5, inputShape: [6], activation: 'tanh', name: 'hidden' }),
      tfl.layers.reLU({ name: 'relu' }),
      tfl.layers.dense({ units: 2, name: 'out' }),
    ],
  });
  randomizeWeights(model);
  const planned = plan(model, gamma(0.5));
  const x = randomTensor([1, 6], 5);
  const explanation = planned.explain(x, { target: { layer: 'hidden', unit: 'all' } });
  const again = planned.explain(x, { target: { layer: 'hidden' }, start: explanation.target.relevance });
  const values = await numbers(at(explanation.inputs, 0).relevance);
  expectNumbers(values, await numbers(at(again.inputs, 0).relevance));
  expect((await numbers(explanation.target.scores)).length).toBe(1);
});
