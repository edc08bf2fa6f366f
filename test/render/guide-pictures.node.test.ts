// The pictures of docs/pictures.md, drawn from the shapes example. With UPDATE_PICTURES=1 they are written anew: look at them.
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import { afterAll, beforeAll, test } from 'vitest';
import { loadFrom } from '../../examples/lib/file-system.js';
import { explain } from '../../src/index.js';
import { flowDiagram, type GridCell, heatmap, heatmapGrid, readPlanes, unitOf } from '../../src/render/index.js';
import { expectSamePicture, expectSameSvg } from './expect-picture.js';

const root = join(import.meta.dirname, '../..');
const image = (name: string) => join(root, 'docs/images', name);

let model: LayersModel;
let input: tf.Tensor;
let picture: { width: number; height: number; data: Uint8Array };
beforeAll(async () => {
  model = await loadLayersModel(loadFrom(join(root, 'examples/shapes/model')));
  const file = sharp(join(root, 'examples/shapes/picture.png')).removeAlpha().raw();
  const { data, info } = await file.toBuffer({ resolveWithObject: true });
  picture = { width: info.width, height: info.height, data };
  input = tf.tensor(
    Float32Array.from(data, (byte) => byte / 127.5 - 1),
    [1, info.height, info.width, 3],
  );
});
afterAll(() => {
  input.dispose();
  model.dispose();
});

test('heatmap', async () => {
  const explanation = explain(model, input, 'epsilon-gamma-box');
  await expectSamePicture(image('pictures-heatmap.png'), (await heatmap(explanation, { picture })).png(2));
  explanation.dispose();
});

test('the same picture under four sets of rules, for two classes', async () => {
  const cells: GridCell[] = [];
  const rules = ['epsilon', 'epsilon-plus', 'epsilon-alpha2-beta1', 'epsilon-gamma-box'] as const;
  for (const [target, name] of [
    [2, 'triangle'],
    [1, 'square'],
  ] as const) {
    for (const rule of rules) {
      const explanation = explain(model, input, rule, { target });
      for (const { relevance } of explanation.inputs) {
        const [plane] = await readPlanes(relevance);
        if (plane) cells.push({ label: `${rule}, ${name}`, relevance: plane, unit: unitOf(explanation) });
      }
      explanation.dispose();
    }
  }
  const options = {
    columns: rules.length,
    share: 'none',
    side: 170,
    caption: 'One picture, four sets of rules, two classes',
  } as const;
  await expectSamePicture(image('pictures-rules.png'), (await heatmapGrid(cells, options)).png(2));
});

test('flow', async () => {
  const explanation = explain(model, input, 'epsilon-gamma-box');
  await expectSameSvg(image('pictures-flow.svg'), (await flowDiagram(explanation)).svg);
  explanation.dispose();
});
