import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import {
  inputsOf,
  lengths,
  markedNumbers,
  type Sequence,
  sequences,
  sumsOf,
} from '../../../examples/adding/generate.js';
import { rowsOf } from '../../../examples/lib/rows.js';
import { correlation } from '../../../examples/lib/statistics.js';
import { explain } from '../../../src/index.js';
import { at } from '../../explanation/tools.js';
import { drawsAgain, freshRandom, savedModel } from '../lib/known-truth.js';

test('sequences hold numbers away from zero, two of them marked, in order', () => {
  for (const length of [2, ...lengths]) {
    for (const { numbers, marked } of drawsAgain((count, random) => sequences(count, length, random))) {
      expect(numbers).toHaveLength(length);
      for (const number of numbers) expect(Math.abs(Math.abs(number) - 0.75)).toBeLessThanOrEqual(0.25);
      expect(marked[0]).toBeGreaterThanOrEqual(0);
      expect(marked[1]).toBeGreaterThan(marked[0]);
      expect(marked[1]).toBeLessThan(length);
    }
  }
});

test('inputs and sums, written out', async () => {
  const drawn: Sequence[] = [{ numbers: [0.5, -0.75, 1], marked: [0, 2] }];
  const [inputs, sums] = [inputsOf(drawn), sumsOf(drawn)];
  expect(inputs.shape).toEqual([1, 3, 2]);
  expect(await rowsOf(inputs)).toEqual([[0.5, 0, 0, -0.75, 1, 0]]);
  expect(await rowsOf(sums)).toEqual([[1.5]]);
  tf.dispose([inputs, sums]);
});

test('the saved network adds, and LRP tells what was added', async () => {
  const model = await savedModel('adding');
  const drawn = sequences(100, 9, freshRandom());
  const [inputs, sums] = [inputsOf(drawn), sumsOf(drawn)];
  const error = tf.tidy(() => tf.losses.meanSquaredError(sums, model.predict(inputs) as tf.Tensor));
  expect(at(await rowsOf(tf.reshape(error, [1, 1])), 0)[0]).toBeLessThan(1e-3);
  const explanation = explain(model, inputs, 'recurrent');
  const perStep = await rowsOf(tf.sum(at(explanation.inputs, 0).relevance, 2));
  const earned = drawn.flatMap(({ marked }, index) => marked.map((time) => at(at(perStep, index), time)));
  expect(correlation(earned, drawn.flatMap(markedNumbers))).toBeGreaterThan(0.97);
  // Unmarked steps earn a hundredth at most.
  const unmarked = drawn.flatMap(({ marked }, index) => at(perStep, index).filter((_, time) => !marked.includes(time)));
  expect(Math.max(...unmarked.map(Math.abs))).toBeLessThan(0.01);
  explanation.dispose();
});
