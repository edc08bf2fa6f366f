// Draws one series of the series example, with the relevance of every value behind it.
// Run: npx tsx examples/series/draw.ts
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { explain } from '../../src/index.js';
import { seriesChart, unitOf } from '../../src/render/index.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { loadFrom } from '../lib/file-system.js';
import { rowsOf } from '../lib/rows.js';
import { writePicture } from '../lib/write-picture.js';
import { channels, contrastOf, inputsOf, labels, series, times } from './generate.js';
import { networkNames, rules } from './networks.js';

/** That of the printed report: this is its second series. */
const seed = 0.77;
const here = beside(import.meta.url);

await useWasm();
const [, one] = series(2, randomLcg(seed));
if (!one) throw new Error('nothing was drawn');
for (const name of networkNames) {
  const model = await loadLayersModel(loadFrom(here(`${name}/model`)));
  const [preset] = rules[name];
  const explanation = explain(model, inputsOf([one]), preset, { target: contrastOf([one]) });
  const [input] = explanation.inputs;
  const [flat = []] = input ? await rowsOf(input.relevance) : [];
  const relevance = Array.from({ length: times }, (_, time) => flat.slice(time * channels, (time + 1) * channels));
  const where = `around step ${one.centre.toFixed(0)} of channel ${one.channel}`;
  const caption = `"${labels[one.label]}", which sits ${where}: ${name}, ${preset}`;
  await writePicture(
    here(`${name}/picture.png`),
    await seriesChart(one.values, relevance, { caption, unit: unitOf(explanation) }),
  );
  explanation.dispose();
}
