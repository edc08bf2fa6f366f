// Draws the pictures of docs/which-rule.md: one picture of the shapes example under many rules.
// Run: npx tsx scripts/draw-which-rule.ts
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import sharp from 'sharp';
import { labels } from '../examples/shapes/outlines.js';
import { epsilon, explain, flat, gamma, type RulesInput, wSquare, zBox, zero, zPlus } from '../src/index.js';
import { loadModel, startBackend } from '../src/node/index.js';
import { type GridCell, heatmapGrid, readPlanes, unitOf } from '../src/render/index.js';

/** Units of the network's output. */
const TRIANGLE = 2;
const SQUARE = 1;

const root = dirname(import.meta.dirname);
const images = join(root, 'docs/images');

await startBackend('wasm');
const model = await loadModel(join(root, 'examples/shapes/model'));
const bytes = await sharp(join(root, 'examples/shapes/picture.png')).removeAlpha().raw().toBuffer();
// The network was trained with numbers from -1 to 1.
const picture = tf.tensor4d(
  Float32Array.from(bytes, (byte) => byte / 127.5 - 1),
  [1, 48, 48, 3],
);
await mkdir(images, { recursive: true });

const above = { Conv2D: gamma(), Dense: epsilon() };
await draw(
  'which-rule-first-layer',
  'The rule of the first layer alone changes; gamma in the other convolutions',
  [TRIANGLE],
  {
    gamma: { conv_1: gamma(), ...above },
    'z-box': { conv_1: zBox({ low: -1, high: 1 }), ...above },
    'w-square': { conv_1: wSquare(), ...above },
    flat: { conv_1: flat(), ...above },
  },
);
await draw('which-rule-classes', 'Do the classes differ?', [TRIANGLE, SQUARE], {
  'LRP-0 everywhere': zero(),
  'z-plus everywhere': zPlus(),
  'epsilon-plus': 'epsilon-plus',
  'epsilon-gamma-box': 'epsilon-gamma-box',
});

/** A row for each class, a column for each set of rules, each map with a scale of its own. */
async function draw(
  file: string,
  caption: string,
  targets: readonly number[],
  rules: Readonly<Record<string, RulesInput>>,
): Promise<void> {
  const cells: GridCell[] = [];
  for (const target of targets) {
    for (const [name, one] of Object.entries(rules)) {
      const label = targets.length > 1 ? `${name}, ${labels[target]}` : name;
      cells.push({ label, ...(await mapOf(model, picture, one, target)) });
    }
  }
  const figure = await heatmapGrid(cells, { columns: Object.keys(rules).length, share: 'none', caption });
  await writeFile(join(images, `${file}.png`), figure.png());
  console.log(`${file}.png: ${figure.alt}`);
}

async function mapOf(explained: LayersModel, input: tf.Tensor, rules: RulesInput, target: number) {
  const explanation = explain(explained, input, rules, { target, keep: 'inputs' });
  const [plane] = explanation.inputs[0] ? await readPlanes(explanation.inputs[0].relevance) : [];
  const unit = unitOf(explanation);
  explanation.dispose();
  if (!plane) throw new Error('nothing was explained');
  return { relevance: plane, unit };
}
