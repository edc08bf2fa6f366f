// Explains both classes of every picture of the two-shapes example: does relevance for a class fall on its own shape, and
// not on the other?
// Run: npx tsx examples/two-shapes/explain.ts
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { type PresetName, plan, type Target } from '../../src/index.js';
import { textTable } from '../../src/text-table.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { edges } from '../lib/edges.js';
import { loadFrom } from '../lib/file-system.js';
import { brightness } from '../lib/picture.js';
import { rowsOf } from '../lib/rows.js';
import { mean } from '../lib/statistics.js';
import { percent } from '../lib/truth.js';
import { labels } from '../shapes/outlines.js';
import { inputsOf, type Pair, pairs, side } from './generate.js';

const count = 100;
/** Not the one of the training. */
const seed = 0.77;
const presets: readonly PresetName[] = ['epsilon', 'epsilon-plus', 'epsilon-gamma-box', 'epsilon-alpha2-beta1'];

/** Of the positive relevance of a class: what lies on its shape, on the other shape, and how the two compare. */
interface Shares {
  readonly own: number;
  readonly other: number;
}

function sharesOf(values: readonly number[], { shapes }: Pair, which: 0 | 1): Shares {
  const positive = values.map((value) => Math.max(0, value));
  const all = positive.reduce((sum, value) => sum + value, 0);
  const on = (shape: number) =>
    positive.reduce((sum, value, pixel) => sum + (shapes[shape]?.covered[pixel] ? value : 0), 0) / all;
  return { own: on(which), other: on(1 - which) };
}

/** One number per pixel and picture: channels summed. */
async function maps(
  model: LayersModel,
  preset: PresetName,
  drawn: readonly Pair[],
  target: Target,
): Promise<number[][]> {
  const inputs = inputsOf(drawn);
  const reused = plan(model, preset, { inputRange: [-1, 1] });
  const explanation = reused.explain(inputs, { target, keep: 'inputs' });
  const [input] = explanation.inputs;
  if (!input) throw new Error('The model has no input.');
  const rows = await rowsOf(input.relevance);
  for (const disposable of [explanation, reused, inputs]) disposable.dispose();
  return rows.map((row) => Array.from({ length: side * side }, (_, pixel) => sum(row.slice(3 * pixel, 3 * pixel + 3))));
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

function line(name: string, shares: readonly Shares[]): string[] {
  const [own, other] = [mean(shares.map((one) => one.own)), mean(shares.map((one) => one.other))];
  const discriminated = shares.map((one) => Number(one.own > one.other));
  return [name, percent(own), percent(other), percent(own / (own + other)), percent(mean(discriminated))];
}

/** The same number of times for the first and the second shape. */
async function bothWays(drawn: readonly Pair[], explain: (which: 0 | 1) => Promise<number[][]>): Promise<Shares[]> {
  const shares: Shares[] = [];
  for (const which of [0, 1] as const) {
    const rows = await explain(which);
    shares.push(...drawn.map((pair, index) => sharesOf(rows[index] ?? [], pair, which)));
  }
  return shares;
}

const labelOf = ({ shapes }: Pair, which: number): number => shapes[which]?.label ?? 0;

/** One class per picture. */
const ownClass = (drawn: readonly Pair[], which: 0 | 1): number[] => drawn.map((pair) => labelOf(pair, which));

/** One class per picture, against the other class in it: 1 and -1 as weights of the outputs. */
function againstOther(drawn: readonly Pair[], which: 0 | 1): tf.Tensor2D {
  const weight = (pair: Pair, label: number) =>
    Number(label === labelOf(pair, which)) - Number(label === labelOf(pair, 1 - which));
  return tf.tensor2d(drawn.map((pair) => labels.map((_, label) => weight(pair, label))));
}

await useWasm();
const model = await loadLayersModel(loadFrom(beside(import.meta.url)('model')));
const drawn = pairs(count, randomLcg(seed));
const lines: string[][] = [];
for (const preset of presets) {
  const shares = await bothWays(drawn, (which) => maps(model, preset, drawn, ownClass(drawn, which)));
  lines.push(line(preset, shares));
}
const contrasted = await bothWays(drawn, (which) =>
  maps(model, 'epsilon-gamma-box', drawn, againstOther(drawn, which)),
);
lines.push(line('epsilon-gamma-box, one against the other', contrasted));
const filtered = drawn.map(({ pixels }) => [
  ...edges(brightness({ width: side, height: side, channels: 3, data: pixels })).values,
]);
lines.push(line('edge filter', await bothWays(drawn, async () => filtered)));
const uniform = drawn.map(() => new Array<number>(side * side).fill(1));
lines.push(line('the same everywhere', await bothWays(drawn, async () => uniform)));
console.log(`${count} pictures that the training has not seen, each explained for both of its classes\n`);
console.log(textTable([['', 'own shape', 'other shape', 'own of both', 'own beats other'], ...lines], [1, 2, 3, 4]));
