import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { binaryAccuracy } from '../../../examples/lib/accuracy.js';
import { rowsOf } from '../../../examples/lib/rows.js';
import { correlation, mean } from '../../../examples/lib/statistics.js';
import { shareOn } from '../../../examples/lib/truth.js';
import { columns, inputsOf, labelsOf, rows } from '../../../examples/tabular/generate.js';
import { explain } from '../../../src/index.js';
import { at } from '../../explanation/tools.js';
import { drawsAgain, freshRandom, savedModel } from '../lib/known-truth.js';

test('the parts decide, and the suppressor says nothing about the answer but all about the disturbance', () => {
  const drawn = drawsAgain(rows, 2000);
  for (const { values, parts, positive } of drawn) {
    expect(positive).toBe(parts.strong + parts.against + parts.only_when_high + parts.disturbed > 0);
    expect(2 * (values.disturbed - values.suppressor)).toBeCloseTo(parts.disturbed, 10);
  }
  const answers = drawn.map(({ positive }) => Number(positive));
  const column = (name: (typeof columns)[number]) => drawn.map(({ values }) => values[name]);
  expect(Math.abs(correlation(column('suppressor'), answers))).toBeLessThan(0.07);
  expect(correlation(column('strong'), answers)).toBeGreaterThan(0.3);
  expect(Math.abs(mean(answers) - 0.5)).toBeLessThan(0.05);
});

test('the saved network is right, and its relevance avoids the noise', async () => {
  const model = await savedModel('tabular');
  const drawn = rows(300, freshRandom());
  expect(await binaryAccuracy(model, inputsOf(drawn), labelsOf(drawn))).toBeGreaterThan(0.97);
  const inputs = inputsOf(drawn);
  const explanation = explain(model, inputs, 'epsilon');
  const noise = columns.map((column) => column.startsWith('noise'));
  const shares = (await rowsOf(at(explanation.inputs, 0).relevance)).map((row) => shareOn(row, noise));
  expect(mean(shares)).toBeLessThan(0.06);
  explanation.dispose();
  tf.dispose(inputs);
});
