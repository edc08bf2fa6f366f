// Padding is given nothing by rules that share in proportion to values: then nobody adds up what it gets.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import {
  alphaBeta,
  epsilon,
  flat,
  flowRule,
  gamma,
  type PlanOptions,
  plan,
  type RulesInput,
  wSquare,
  zBox,
  zPlus,
} from '../../src/index.js';
import { planModel } from '../../src/plan/plan-model.js';
import { apply, at, numbers, randomizeWeights, randomTensor } from '../explanation/tools.js';

const { layers } = tfl;

/** A padded convolution; with a second reader, another convolution that is added to it. */
function net({ second = false, padOut = false } = {}): tfl.LayersModel {
  const x = tfl.input({ shape: [5, 4, 2] });
  const padded = apply(
    layers.zeroPadding2d({
      padding: [
        [0, 1],
        [2, 1],
      ],
      name: 'pad',
    }),
    x,
  );
  const conv = (name: string) => apply(layers.conv2d({ filters: 3, kernelSize: 3, name }), padded);
  const joined = second ? (layers.add().apply([conv('conv'), conv('other')]) as tfl.SymbolicTensor) : conv('conv'); // one
  const scores = apply(layers.dense({ units: 2, name: 'scores' }), apply(layers.flatten(), joined));
  const model = tfl.model({ inputs: x, outputs: padOut ? [scores, padded] : scores });
  randomizeWeights(model);
  return model;
}

function keepsAll(model: tfl.LayersModel, rules: RulesInput, options: PlanOptions = {}): boolean {
  const planned = planModel(model, rules, options);
  const pad = planned.nodes.find(({ node }) => node.address.layer === 'pad');
  planned.derived.dispose();
  if (!pad) throw new Error('no step that pads');
  return pad.keepsAll;
}

describe('nothing is lost to padding', () => {
  test.each([
    ['with ε', epsilon(), true],
    ['with z⁺', zPlus(), true],
    ['with γ', gamma(0.5), true],
    ['with α-β', alphaBeta(2, 1), true],
    ['not with flat', flat(), false],
    ['not with w²', wSquare(), false],
    ['not with a box, whose bounds are no zeros', zBox({ low: -1, high: 1 }), false],
  ] as const)('%s', (_, rule, expected) => {
    expect(keepsAll(net(), { conv: rule, scores: epsilon() })).toBe(expected);
  });

  test.each(['distribute', 'distribute-all'] as const)('not where biases are spread over all inputs: %s', (bias) => {
    expect(keepsAll(net(), 'epsilon', { bias })).toBe(false);
  });

  test('not where another reader gives it something, or the model answers it', () => {
    expect(keepsAll(net({ second: true }), 'epsilon')).toBe(true);
    expect(keepsAll(net({ second: true }), { other: flat(), conv: epsilon(), scores: epsilon() })).toBe(false);
    expect(keepsAll(net({ padOut: true }), 'epsilon')).toBe(false);
  });

  test('not where a rule of one’s own says what becomes of it', () => {
    const half = flowRule('half', {
      on: ['relabel'],
      redistribute: ({ step, rOut, shapes, account }) => {
        account('padding', () => tf.mul(rOut, 0.5));
        return step.back(tf.mul(rOut, 0.5), shapes);
      },
    });
    expect(keepsAll(net(), { pad: half, conv: epsilon(), scores: epsilon() })).toBe(false);
  });
});

test.each([
  ['ε', epsilon()],
  ['z⁺', zPlus()],
  ['γ', gamma(0.5)],
  ['α-β', alphaBeta(2, 1)],
] as const)('%s gives padding exactly nothing, and the ledger closes', async (_, rule) => {
  const model = net();
  const x = randomTensor([2, 5, 4, 2], 3);
  const made = plan(model, { conv: rule, scores: epsilon() });
  const explanation = made.explain(x, { target: 1 });
  const [inside, all] = [at(explanation.inputs, 0).relevance, explanation.layer('pad').output];
  const around = tf.tidy(() =>
    tf.sub(
      all,
      tf.pad(inside, [
        [0, 0],
        [0, 1],
        [2, 1],
        [0, 0],
      ]),
    ),
  );
  expect((await numbers(around)).every((value) => value === 0)).toBe(true);
  const ledger = await explanation.conservation();
  expect(ledger.verdict).toBe('closed');
  expect(ledger.rows.find(({ address }) => address === 'pad')).toMatchObject({ padding: 0 });
  for (const disposable of [x, around, explanation, made, model]) disposable.dispose();
});
