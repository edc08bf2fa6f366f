// Layers with any combination of options: their steps compute what the layer does, and every rule's account closes.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { alphaBeta, epsilon, explain, flat, gamma, type Rule, zBox, zPlus } from '../../src/index.js';
import { modelOf, randomizeWeights, randomTensor, stepsReproduce } from '../layers/reproduce.js';
import { runs } from '../runs.js';
import { type LayerSpec, layerOf, layerSpec } from './layer-options.js';

const rule: fc.Arbitrary<Rule> = fc.constantFrom<Rule[]>(
  epsilon(0.1, { bias: 'distribute' }),
  gamma(0.5),
  alphaBeta(2, 1),
  zPlus({ bias: 'ignore' }),
  flat(),
  zBox({ low: -1, high: 1 }),
);

/** Its output is moved: padded at one end and cut at the other. */
const narrowTransposed: LayerSpec = {
  kind: 'conv3dTranspose',
  options: { filters: 1, kernelSize: 1, padding: 'same', strides: [1, 2, 2], useBias: true },
  shape: [5, 5, 5, 1],
};

test('steps compute what the layer does', async () => {
  const property = fc.asyncProperty(layerSpec, async (spec) => {
    const model = modelOf(layerOf(spec), [spec.shape]);
    await stepsReproduce(model, [randomTensor([2, ...spec.shape])], { expected: 'as on cpu' });
    model.dispose();
  });
  await fc.assert(property, { numRuns: runs(120) });
});

test('relevance is accounted for, and nothing is left behind', async () => {
  const property = fc.asyncProperty(layerSpec, rule, async (spec, drawn) => {
    const model = modelOf(layerOf(spec), [spec.shape]);
    randomizeWeights(model);
    const x = randomTensor([2, ...spec.shape]);
    const before = tf.memory().numTensors;
    const rules = { entries: [{ match: { weighted: true }, rule: drawn, optional: true }], name: 'drawn' };
    const explanation = explain(model, x, rules, { target: 'all' });
    const ledger = await explanation.conservation();
    expect(ledger.verdict, `${ledger}`).toBe('closed');
    explanation.dispose();
    expect(tf.memory().numTensors).toBe(before);
    x.dispose();
    model.dispose();
  });
  await fc.assert(property, {
    numRuns: runs(120),
    examples: [[narrowTransposed, epsilon(0.1, { bias: 'distribute' })]],
  });
});
