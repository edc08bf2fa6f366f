// Draws one sequence of the adding problem, with what every number earned.
// Run: npx tsx examples/adding/draw.ts
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { explain } from '../../src/index.js';
import { seriesChart, unitOf } from '../../src/render/index.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { loadFrom } from '../lib/file-system.js';
import { rowsOf } from '../lib/rows.js';
import { writePicture } from '../lib/write-picture.js';
import { inputsOf, markedNumbers, type Sequence, sequences } from './generate.js';

const length = 10;
const here = beside(import.meta.url);

/** True where the numbers pull to different sides, apart in time, and one of them wins. */
function isTelling(sequence: Sequence): boolean {
  const [first = 0, second = 0] = markedNumbers(sequence);
  return first * second < 0 && Math.abs(first + second) > 0.35 && sequence.marked[1] - sequence.marked[0] > 3;
}

await useWasm();
const model = await loadLayersModel(loadFrom(here('model')));
const one = sequences(100, length, randomLcg(0.77)).find(isTelling);
if (!one) throw new Error('no such sequence was drawn');
const inputs = inputsOf([one]);
const explanation = explain(model, inputs, 'recurrent');
const [input] = explanation.inputs;
if (!input) throw new Error('The model has no input.');
const inPairs = (flat: readonly number[]) => Array.from({ length }, (_, time) => flat.slice(2 * time, 2 * time + 2));
const [[values = []], [relevance = []]] = [await rowsOf(inputs), await rowsOf(input.relevance)];
const [score = Number.NaN] = await explanation.target.scores.data();
const added = markedNumbers(one).map((number) => number.toFixed(2));
const chart = await seriesChart(inPairs(values), inPairs(relevance), {
  caption: `${added.join(' + ').replace('+ -', '− ')}: the network answers ${score.toFixed(2)}`,
  channels: ['marked numbers', 'other numbers'],
  show: 'bars',
  unit: unitOf(explanation),
});
await writePicture(here('picture.png'), chart);
