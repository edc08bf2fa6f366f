// Draws the relevance of both classes over some pictures of the two-shapes example.
// Run: npx tsx examples/two-shapes/draw.ts
import { writeFile } from 'node:fs/promises';
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { plan } from '../../src/index.js';
import { type GridCell, heatmapGrid, unitOf } from '../../src/render/index.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { loadFrom } from '../lib/file-system.js';
import { labels } from '../shapes/outlines.js';
import { inputsOf, pairs, side } from './generate.js';

const count = 3;
/** That of the printed report: these are its first pictures. */
const seed = 0.77;
const rules = 'epsilon-gamma-box';
const here = beside(import.meta.url);

await useWasm();
const model = await loadLayersModel(loadFrom(here('model')));
const drawn = pairs(count, randomLcg(seed));
const inputs = inputsOf(drawn);
const reused = plan(model, rules, { inputRange: [-1, 1] });
const cells: GridCell[] = [];
for (const [sample, { pixels, shapes }] of drawn.entries()) {
  for (const { label } of shapes) {
    const explanation = reused.explain(inputs, { target: label, keep: 'inputs' });
    const [score = Number.NaN] = (await explanation.target.scores.data()).slice(sample);
    const [input] = explanation.inputs;
    if (!input) throw new Error('The model has no input.');
    const picture = { width: side, height: side, data: pixels };
    const [text, unit] = [`${labels[label]} (logit ${score.toFixed(1)})`, unitOf(explanation)];
    cells.push({ label: text, relevance: input.relevance, sample, picture, unit });
  }
}
const figure = await heatmapGrid(cells, {
  columns: 2,
  side: 200,
  share: 'row',
  caption: `Why is each of the two shapes there? Relevance by ${rules}`,
});
await writeFile(here('picture.png'), figure.png());
console.log(figure.alt);
