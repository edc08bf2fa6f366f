// What a ReLU leaves stands for the pre-activation before it, where relevance is the same: one tensor fewer to keep.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { epsilon, plan, presetNames, type RulesInput } from '../../src/index.js';
import { outputCaptured } from '../../src/plan/plan-graph.js';
import { planModel } from '../../src/plan/plan-model.js';
import { apply, at, expectClose, randomizeWeights, randomTensor } from '../explanation/tools.js';

const { layers } = tfl;

/** Two dense layers with an activation between them; with a second reader, it adds the pre-activation. */
function net(activation: tfl.layers.Layer, second = false): tfl.LayersModel {
  const x = tfl.input({ shape: [5] });
  const hidden = apply(layers.dense({ units: 5, name: 'hidden' }), x);
  const active = apply(activation, hidden);
  const joined = second ? (layers.add().apply([active, hidden]) as tfl.SymbolicTensor) : active; // one
  const model = tfl.model({ inputs: x, outputs: apply(layers.dense({ units: 3, name: 'classes' }), joined) });
  randomizeWeights(model);
  return model;
}

/** Whether the step of the hidden layer keeps what comes after the activation. */
function keepsRectified(model: tfl.LayersModel, rules: RulesInput): boolean {
  const planned = planModel(model, rules, {});
  const hidden = planned.nodes.find(({ node }) => node.address.layer === 'hidden');
  if (!hidden) throw new Error('no hidden step');
  const captured = outputCaptured(hidden, true);
  expect(outputCaptured(hidden, false)).toBe(hidden.node.output);
  planned.derived.dispose();
  return captured !== null && captured !== hidden.node.output;
}

describe('the output of the activation is kept in place of the pre-activation', () => {
  test.each([
    ['behind ReLU', () => layers.reLU(), false, epsilon(), true],
    ['behind an Activation', () => layers.activation({ activation: 'relu' }), false, epsilon(), true],
    ['not behind ReLU6, which cuts', () => layers.reLU({ maxValue: 6 }), false, epsilon(), false],
    ['not behind a threshold', () => layers.thresholdedReLU({ theta: 0.5 }), false, epsilon(), false],
    ['not behind tanh', () => layers.activation({ activation: 'tanh' }), false, epsilon(), false],
    ['not where another layer reads it, too', () => layers.reLU(), true, epsilon(), false],
    [
      'not where the stabilizer looks at all of it',
      () => layers.reLU(),
      false,
      epsilon(0.1, { mode: 'relative' }),
      false,
    ],
  ] as const)('%s', (_name, activation, second, rules, expected) => {
    expect(keepsRectified(net(activation(), second), rules)).toBe(expected);
  });
});

test.each(presetNames.filter((name) => !name.startsWith('deep') && !name.startsWith('bounded')))(
  '%s: the same relevance as from the pre-activation itself',
  async (name) => {
    const model = net(layers.reLU());
    const x = randomTensor([4, 5], 3);
    const made = plan(model, name);
    const explained = made.explain(x, { target: 1 });
    // A start of the user's own may be where scores are zero, so nothing is known of it in advance.
    const start = tf.tidy(() => tf.mul(at(explained.outputs, 0).value, tf.tensor1d([0, 1, 0])));
    const given = made.explain(x, { start });
    await expectClose(at(given.inputs, 0).relevance, at(explained.inputs, 0).relevance);
    for (const one of [explained, given, made, x, start, model]) one.dispose();
  },
);
