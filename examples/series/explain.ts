// Explains both networks of the series example: does relevance fall on the bump?
// Run: npx tsx examples/series/explain.ts
import { loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { explain, type PresetName } from '../../src/index.js';
import { textTable } from '../../src/text-table.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { loadFrom } from '../lib/file-system.js';
import { rowsOf } from '../lib/rows.js';
import { mean } from '../lib/statistics.js';
import { percent, shareOn, uniformShare } from '../lib/truth.js';
import { channels, contrastOf, inputsOf, type Series, series, truthOf } from './generate.js';
import { networkNames, rules } from './networks.js';

const count = 300;
/** Not the one of the training. */
const seed = 0.77;

/** Relevance per time step and channel, flat, of each series' own class against the other. */
async function relevances(name: (typeof networkNames)[number], preset: PresetName, drawn: readonly Series[]) {
  const model = await loadLayersModel(loadFrom(beside(import.meta.url)(`${name}/model`)));
  const [inputs, target] = [inputsOf(drawn), contrastOf(drawn)];
  const explanation = explain(model, inputs, preset, { target });
  const [input] = explanation.inputs;
  if (!input) throw new Error('The model has no input.');
  const rows = await rowsOf(input.relevance);
  for (const disposable of [explanation, inputs, target, model]) disposable.dispose();
  return rows;
}

/** Something drawn from the series alone: how far each value is from zero, or how steep the series is there. */
const baselines: Readonly<Record<string, (one: Series) => number[]>> = {
  'size of the values': ({ values }) => values.flatMap((row) => row.map(Math.abs)),
  'steepness (edge filter)': ({ values }) =>
    values.flatMap((row, time) => row.map((value, channel) => value - (values[time - 1]?.[channel] ?? value))),
};

/** Share of the series in which the channel of the bump holds the most relevance. */
function channelFound(rows: readonly (readonly number[])[], drawn: readonly Series[]): number {
  const found = drawn.map(({ channel }, index) => {
    const sizes = new Array<number>(channels).fill(0);
    for (const [place, value] of (rows[index] ?? []).entries()) {
      sizes[place % channels] = (sizes[place % channels] ?? 0) + Math.abs(value);
    }
    return Number(sizes.indexOf(Math.max(...sizes)) === channel);
  });
  return mean(found);
}

await useWasm();
const drawn = series(count, randomLcg(seed));
const truths = drawn.map(truthOf);
const lineOf = (name: string, rows: readonly (readonly number[])[]): string[] => [
  name,
  percent(mean(rows.map((row, index) => shareOn(row, truths[index] ?? [])))),
  percent(channelFound(rows, drawn)),
];
const lines: string[][] = [];
for (const name of networkNames) {
  for (const preset of rules[name]) lines.push(lineOf(`${name}, ${preset}`, await relevances(name, preset, drawn)));
}
for (const [name, values] of Object.entries(baselines)) lines.push(lineOf(name, drawn.map(values)));
lines.push(['the same everywhere', percent(mean(truths.map(uniformShare))), percent(1 / channels)]);
console.log(`${count} series that the training has not seen\n`);
console.log(textTable([['', 'on the bump', 'channel of the bump found'], ...lines], [1, 2]));
