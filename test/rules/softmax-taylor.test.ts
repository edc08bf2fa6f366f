import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { explain, plan, softmaxTaylor } from '../../src/index.js';
import { at, modelOf } from '../layers/reproduce.js';
import { expectElements, grid } from './compare.js';

const links = { canonize: { links: false } };

test.each([1, 2, -1])('axis %i', async (axis) => {
  const [rows, columns] = [3, 4];
  const [x, received] = [grid(1, 12), grid(2, 12)];
  const along = axis === 1 ? 1 : 2;
  const model = modelOf(tfl.layers.softmax({ axis }), [[rows, columns]]);
  const start = tf.tensor(received, [1, rows, columns]);
  const explanation = explain(model, tf.tensor(x, [1, rows, columns]), undefined, { start, ...links });
  const values = x.map(() => 0);
  const sizes = x.map(() => 0);
  const [groups, members] = along === 1 ? [columns, rows] : [rows, columns];
  for (let group = 0; group < groups; group++) {
    const own: number[] = [];
    for (let member = 0; member < members; member++) {
      own.push(along === 1 ? member * columns + group : group * columns + member);
    }
    let normalizer = 0;
    let total = 0;
    let moved = 0;
    for (const i of own) {
      normalizer += Math.exp(at(x, i));
      total += at(received, i);
      moved += Math.abs(at(received, i));
    }
    // R_i = x_i (R_i - s_i Σ R)
    for (const i of own) {
      const s = Math.exp(at(x, i)) / normalizer;
      values[i] = at(x, i) * (at(received, i) - s * total);
      sizes[i] = Math.abs(at(x, i)) * (Math.abs(at(received, i)) + s * moved);
    }
  }
  expectElements(await at(explanation.inputs, 0).relevance.data(), values, sizes);
  expect((await explanation.conservation()).verdict).toBe('closed');
  explanation.dispose();
});

test('by hand', async () => {
  // x = (0, ln 3): s = (1/4, 3/4). R = (0, 4): R_0 = 0, R_1 = ln 3 (4 - 3/4 · 4) = ln 3.
  const model = modelOf(tfl.layers.softmax(), [[2]]);
  const start = tf.tensor2d([[0, 4]]);
  const explanation = explain(model, tf.tensor2d([[0, Math.log(3)]]), undefined, { start, ...links });
  expectElements(await at(explanation.inputs, 0).relevance.data(), [0, Math.log(3)], [0, 4]);
  explanation.dispose();
});

test('cannot serve a log-softmax', () => {
  // Not in the list of names of the types, though tfjs knows it.
  const layer = tfl.layers.activation({ activation: 'logSoftmax' as 'softmax', name: 'scores' });
  const rules = { scores: softmaxTaylor() };
  expect(() => plan(modelOf(layer, [[2]]), rules, links)).toThrowErrorMatchingInlineSnapshot(`
    [PlanError: The model cannot be explained as asked (1 problem):
      1. Rule softmax-taylor serves softmax steps and cannot serve scores: it is a log-softmax; use pass. Choose a rule for these steps, or match other layers.]
  `);
});
