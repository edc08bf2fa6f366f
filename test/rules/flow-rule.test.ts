import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { explain, flowRule, InternalError, plan } from '../../src/index.js';
import { at, modelOf } from '../layers/reproduce.js';
import { denseModel, relevanceOf } from './compare.js';

test('sees what it asked for, and nothing else', async () => {
  const seen: unknown[] = [];
  const model = modelOf(tfl.layers.activation({ activation: 'tanh', name: 'tanh' }), [[2]]);
  for (const needs of [undefined, { inputs: true, output: false }, { inputs: true, output: true }]) {
    const rule = flowRule('mine', {
      on: ['elementwise'],
      ...(needs ? { needs } : {}),
      redistribute: ({ step, xs, y, shapes, rOut }) => {
        seen.push([step.name, xs.length, y !== null, shapes]);
        return [tf.mul(rOut, 2)];
      },
    });
    const start = tf.tensor2d([[1, 2]]);
    expect(await relevanceOf(model, tf.tensor2d([[3, 4]]), { tanh: rule }, { start })).toEqual([2, 4]);
  }
  expect(seen).toEqual([
    ['tanh', 0, false, [[1, 2]]],
    ['tanh', 1, false, [[1, 2]]],
    ['tanh', 1, true, [[1, 2]]],
  ]);
});

test('what it answers becomes its own: inputs and outputs handed back are copied', async () => {
  const rule = flowRule('mine', {
    on: ['elementwise'],
    needs: { inputs: true, output: true },
    redistribute: ({ xs: [x] }) => [x ?? null],
  });
  const model = modelOf(tfl.layers.activation({ activation: 'tanh', name: 'tanh' }), [[2]]);
  const x = tf.tensor2d([[3, 4]]);
  const before = tf.memory().numTensors;
  const explanation = explain(model, x, { tanh: rule });
  expect([...(await at(explanation.inputs, 0).relevance.data())]).toEqual([3, 4]);
  explanation.dispose();
  expect(x.isDisposed).toBe(false);
  expect(tf.memory().numTensors).toBe(before);
});

test('is frozen, and has defaults', () => {
  const rule = flowRule('mine', { on: 'any', redistribute: () => [null] });
  expect(Object.isFrozen(rule)).toBe(true);
  expect(rule).toMatchObject({
    kind: 'flow',
    name: 'mine',
    on: 'any',
    params: {},
    needs: { inputs: false, output: false },
    silence: 'none',
  });
});

test('why it refuses is in the error', () => {
  const rule = flowRule('picky', {
    on: ['linear'],
    refuses: (step) => (step.bias ? 'it has a bias' : null),
    redistribute: () => [null],
  });
  expect(() => plan(denseModel([[1], [2]], [3]), { dense: rule })).toThrowErrorMatchingInlineSnapshot(`
    [PlanError: The model cannot be explained as asked (1 problem):
      1. Rule picky serves linear steps and cannot serve dense: it has a bias. Choose a rule for these steps, or match other layers.]
  `);
  expect(plan(denseModel([[1], [2]]), { dense: rule }).rows.at(-1)?.rule).toBe('picky');
});

test('a step of another kind is never handed to it', () => {
  const rule = flowRule('mine', { on: ['softmax'], redistribute: () => [null] });
  const [x] = [tf.tensor1d([1])];
  const flow = {
    step: { kind: 'relabel', name: 'flatten', apply: () => x, back: () => [x], bijective: true },
    xs: [],
    y: null,
    shapes: [],
    rOut: x,
    read: () => x,
    account: () => {},
  } as const;
  expect(() => rule.redistribute(flow)).toThrow(InternalError);
  expect(rule.refuses(flow.step)).toBeNull();
});

test('relevance of a wrong shape is an error, and leaves nothing behind', () => {
  const rule = flowRule('mine', { on: ['elementwise'], redistribute: ({ rOut }) => [tf.sum(rOut)] });
  const model = modelOf(tfl.layers.activation({ activation: 'tanh', name: 'tanh' }), [[2]]);
  const x = tf.tensor2d([[3, 4]]);
  const before = tf.memory().numTensors;
  expect(() => explain(model, x, { tanh: rule })).toThrowErrorMatchingInlineSnapshot(
    `[InternalError: internal: rule "mine" at tanh gave relevance of shape [] for an input of shape [1,2]]`,
  );
  expect(tf.memory().numTensors).toBe(before);
});
