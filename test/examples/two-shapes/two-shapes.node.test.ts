import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { binaryAccuracy } from '../../../examples/lib/accuracy.js';
import { rowsOf } from '../../../examples/lib/rows.js';
import { mean } from '../../../examples/lib/statistics.js';
import { labels } from '../../../examples/shapes/outlines.js';
import { inputsOf, labelsOf, pairs, side } from '../../../examples/two-shapes/generate.js';
import { explain } from '../../../src/index.js';
import { readLabels } from '../../../src/node/read/labels.js';
import { at } from '../../explanation/tools.js';
import { drawsAgain, freshRandom, savedModel } from '../lib/known-truth.js';

test('two shapes of different classes, which do not touch', () => {
  for (const { pixels, shapes } of drawsAgain(pairs, 60)) {
    expect(pixels).toHaveLength(3 * side * side);
    const [a, b] = shapes;
    expect(a.label).not.toBe(b.label);
    for (const { covered } of shapes) expect(covered.filter(Boolean).length).toBeGreaterThan(20);
    expect(a.covered.some((inside, pixel) => inside && b.covered[pixel])).toBe(false);
  }
});

test('the saved network tells what is there, and relevance for a class falls on its own shape', async () => {
  const model = await savedModel('two-shapes');
  const names = await readLabels(
    fileURLToPath(new URL('../../../examples/two-shapes/model/labels.json', import.meta.url)),
  );
  expect([...names.values()]).toEqual(labels);
  const drawn = pairs(60, freshRandom());
  expect(await binaryAccuracy(model, inputsOf(drawn), labelsOf(drawn))).toBeGreaterThan(0.9);
  const inputs = inputsOf(drawn);
  const target = drawn.map(({ shapes }) => shapes[0].label);
  const explanation = explain(model, inputs, 'epsilon-gamma-box', { target, keep: 'inputs' });
  const perPixel = await rowsOf(tf.relu(tf.sum(at(explanation.inputs, 0).relevance, 3)));
  const onShape = (which: 0 | 1) =>
    drawn.map(({ shapes }, index) =>
      at(perPixel, index).reduce((sum, value, pixel) => sum + (shapes[which].covered[pixel] ? value : 0), 0),
    );
  const [own, other] = [onShape(0), onShape(1)];
  expect(mean(own.map((value, index) => Number(value > at(other, index))))).toBeGreaterThan(0.8);
  explanation.dispose();
  tf.dispose(inputs);
});
