import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { readPicture } from '../../../examples/lib/image.js';
import { areaShare, shareInside } from '../../../examples/lib/mass.js';
import { brightness } from '../../../examples/lib/picture.js';
import { mean } from '../../../examples/lib/statistics.js';
import { batch, inputsOf, samples } from '../../../examples/shapes/batch.js';
import { type Sample, side } from '../../../examples/shapes/generate.js';
import { labels } from '../../../examples/shapes/outlines.js';
import { explain } from '../../../src/index.js';
import { readLabels } from '../../../src/node/read/labels.js';
import { readPreprocessing } from '../../../src/node/read/preprocessing.js';
import { type Plane, readPlanes } from '../../../src/render/index.js';
import { at } from '../../explanation/tools.js';
import { freshRandom, savedModel } from '../lib/known-truth.js';

const shapes = (name: string): string => fileURLToPath(new URL(`../../../examples/shapes/${name}`, import.meta.url));
const maskOf = ({ mask }: Pick<Sample, 'mask'>): Plane => ({
  width: side,
  height: side,
  values: Float32Array.from(mask),
});

test('the saved network names the shapes of pictures it has never seen', async () => {
  const model = await savedModel('shapes');
  const drawn = samples(200, freshRandom());
  const { pictures, classes } = batch(drawn);
  const found = await tf.argMax(model.predict(pictures) as tf.Tensor, -1).data();
  expect(drawn.filter(({ label }, i) => label === found[i]).length / drawn.length).toBeGreaterThan(0.96);
  tf.dispose([pictures, classes]);
});

test('relevance of the strongest class falls on the shape', async () => {
  const drawn = samples(60, freshRandom());
  const inputs = inputsOf(drawn);
  const explanation = explain(await savedModel('shapes'), inputs, 'epsilon-gamma-box', { keep: 'inputs' });
  const planes = await readPlanes(at(explanation.inputs, 0).relevance);
  const shares = drawn.map((one, index) => shareInside(at(planes, index), maskOf(one)));
  const areas = drawn.map((one) => areaShare(maskOf(one)));
  expect(mean(shares)).toBeGreaterThan(3 * mean(areas));
  explanation.dispose();
  tf.dispose(inputs);
});

test('labels, picture and mask belong together', async () => {
  const model = await savedModel('shapes');
  expect(model.inputs.map(({ shape }) => shape)).toEqual([[null, side, side, 3]]);
  const size = { width: side, height: side };
  expect([...(await readLabels(shapes('model/labels.json'))).values()]).toEqual(labels);
  expect((await readPicture(shapes('picture.png'), { ...size, channels: 3 })).data.length).toBe(side * side * 3);
  const mask = brightness(await readPicture(shapes('picture-mask.png'), { ...size, channels: 1 }));
  expect(areaShare(mask)).toBeGreaterThan(0.04);
  expect(new Set(mask.values)).toEqual(new Set([0, 255]));
});

test('what lies beside the model prepares pictures as the training did', async () => {
  const { scale = [], offset = [] } = await readPreprocessing(shapes('model/preprocessing.json'));
  const drawn = samples(1, freshRandom());
  const inputs = inputsOf(drawn);
  const values = [...(await inputs.data())];
  const prepared = Array.from(at(drawn, 0).pixels, (byte) => byte * at(scale, 0) + at(offset, 0));
  expect(values).toHaveLength(prepared.length);
  expect(Math.max(...prepared.map((value, index) => Math.abs(value - at(values, index))))).toBeLessThan(1e-6);
  inputs.dispose();
});
