import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { expect, test } from 'vitest';
import { loadFrom } from '../../../examples/lib/file-system.js';
import { readPicture } from '../../../examples/lib/image.js';
import { readLabels } from '../../../examples/lib/labels.js';
import { areaShare } from '../../../examples/lib/mass.js';
import { pictureSize } from '../../../examples/lib/model-input.js';
import { brightness } from '../../../examples/lib/picture.js';
import { batch, samples } from '../../../examples/shapes/batch.js';
import { labels } from '../../../examples/shapes/outlines.js';

const shapes = (name: string): string => fileURLToPath(new URL(`../../../examples/shapes/${name}`, import.meta.url));

test('the saved network names the shapes of pictures it has never seen', async () => {
  const model = await loadLayersModel(loadFrom(shapes('model')));
  const drawn = samples(200, randomLcg(0.77));
  const { pictures, classes } = batch(drawn);
  const found = await tf.argMax(model.predict(pictures) as tf.Tensor, -1).data();
  expect(drawn.filter(({ label }, i) => label === found[i]).length / drawn.length).toBeGreaterThan(0.96);
  tf.dispose([pictures, classes]);
});

test('labels, picture and mask belong together', async () => {
  const model = await loadLayersModel(loadFrom(shapes('model')));
  const size = pictureSize(model);
  expect(size).toEqual({ width: 48, height: 48, channels: 3 });
  const naming = await readLabels(shapes('model/labels.json'));
  expect(labels.map((_, unit) => naming(unit))).toEqual(labels);
  expect((await readPicture(shapes('picture.png'), size)).data.length).toBe(48 * 48 * 3);
  const mask = brightness(await readPicture(shapes('picture-mask.png'), { ...size, channels: 1 }));
  expect(areaShare(mask)).toBeGreaterThan(0.04);
  expect(new Set(mask.values)).toEqual(new Set([0, 255]));
});
