// Draws the relevance of every column of the tabular example over many rows.
// Run: npx tsx examples/tabular/draw.ts
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { explain } from '../../src/index.js';
import { beeswarm, unitOf } from '../../src/render/index.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { loadFrom } from '../lib/file-system.js';
import { writePicture } from '../lib/write-picture.js';
import { columns, inputsOf, rows } from './generate.js';

const count = 120;
/** That of the printed report: these are its first rows. */
const seed = 0.77;
const here = beside(import.meta.url);

await useWasm();
const model = await loadLayersModel(loadFrom(here('model')));
const values = inputsOf(rows(count, randomLcg(seed)));
const explanation = explain(model, values, 'epsilon');
const [input] = explanation.inputs;
if (!input) throw new Error('The model has no input.');
const caption = `What each column says about "positive", over ${count} rows: epsilon`;
const names = columns.map((column) => column.replaceAll('_', ' '));
await writePicture(
  here('picture.png'),
  await beeswarm(input.relevance, { names, values, caption, unit: unitOf(explanation) }),
);
