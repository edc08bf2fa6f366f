// Draws the relevance of one picture of each class of the shapes example: of its logit alone, and against the others.
// Run: npx tsx examples/shapes/draw.ts
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import sharp from 'sharp';
import { contrast, explain, type Target } from '../../src/index.js';
import { type GridCell, heatmapGrid, readPlanes, unitOf } from '../../src/render/index.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { loadFrom } from '../lib/file-system.js';
import { inputsOf, samples } from './batch.js';
import { side } from './generate.js';
import { labels } from './outlines.js';

/** Enough that every class is among them. */
const count = 50;
/** That of the printed report: these are its first pictures. */
const seed = 0.77;
const rules = 'epsilon-gamma-box';
const rows: Readonly<Record<string, (label: number) => Target>> = {
  'logit alone': (label) => label,
  'against the rest': contrast,
};
const here = beside(import.meta.url);

await useWasm();
const model = await loadLayersModel(loadFrom(here('model')));
const drawn = samples(count, randomLcg(seed));
const cells: GridCell[] = [];
for (const target of Object.values(rows)) {
  for (const [label, name] of labels.entries()) {
    const one = drawn.find((sample) => sample.label === label);
    if (!one) throw new Error(`No ${name} was drawn.`);
    const inputs = inputsOf([one]);
    const explanation = explain(model, inputs, rules, { target: target(label), keep: 'inputs' });
    const [relevance] = explanation.inputs[0] ? await readPlanes(explanation.inputs[0].relevance) : [];
    if (!relevance) throw new Error('The model has no input.');
    const [score = Number.NaN] = await explanation.target.scores.data();
    const picture = { width: side, height: side, data: one.pixels };
    cells.push({ label: `${name} (${score.toFixed(1)})`, relevance, picture, unit: unitOf(explanation) });
    for (const disposable of [explanation, inputs]) disposable.dispose();
  }
}
const figure = await heatmapGrid(cells, {
  columns: labels.length,
  rowLabels: Object.keys(rows),
  side: 200,
  share: 'none',
  caption: `Relevance for the class that is there, and in brackets its score; rules ${rules}`,
});
await sharp(figure.png()).png({ compressionLevel: 9, adaptiveFiltering: true }).toFile(here('heatmaps.png'));
console.log(figure.alt);
