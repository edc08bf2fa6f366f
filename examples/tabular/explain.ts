// Explains the network of the tabular example: which columns hold relevance, and does it follow what they really add?
// Run: npx tsx examples/tabular/explain.ts
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { explain } from '../../src/index.js';
import { textTable } from '../../src/text-table.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { loadFrom } from '../lib/file-system.js';
import { rowsOf } from '../lib/rows.js';
import { correlation, mean } from '../lib/statistics.js';
import { percent, shareOn, uniformShare } from '../lib/truth.js';
import { type Column, columns, inputsOf, planted, type Row, rows } from './generate.js';

const count = 1000;
/** Not the one of the training. */
const seed = 0.77;

/** Relevance per column, of the logit of "positive". */
async function relevances(model: LayersModel, drawn: readonly Row[]): Promise<number[][]> {
  const inputs = inputsOf(drawn);
  const explanation = explain(model, inputs, 'epsilon');
  const [input] = explanation.inputs;
  if (!input) throw new Error('The model has no input.');
  const found = await rowsOf(input.relevance);
  for (const disposable of [explanation, inputs]) disposable.dispose();
  return found;
}

await useWasm();
const model = await loadLayersModel(loadFrom(beside(import.meta.url)('model')));
const drawn = rows(count, randomLcg(seed));
const found = await relevances(model, drawn);
const of = (column: Column): number[] => found.map((row) => row[columns.indexOf(column)] ?? Number.NaN);
const only = (...wanted: readonly Column[]): boolean[] => columns.map((column) => wanted.includes(column));
const share = (...wanted: readonly Column[]): number => mean(found.map((row) => shareOn(row, only(...wanted))));
const answers = drawn.map(({ positive }) => Number(positive));

const lines = columns.map((column) => {
  const values = drawn.map((row) => row.values[column]);
  const part = planted.find((one) => one === column);
  return [
    column,
    percent(share(column)),
    correlation(values, answers).toFixed(2),
    part
      ? correlation(
          of(column),
          drawn.map(({ parts }) => parts[part]),
        ).toFixed(2)
      : '',
  ];
});
console.log(`${count} rows that the training has not seen\n`);
const head = ['column', 'share of relevance', 'correlation with the answer', 'of relevance with what it adds'];
console.log(textTable([head, ...lines], [1, 2, 3]));

const both = of('disturbed').map((value, index) => value + (of('suppressor')[index] ?? Number.NaN));
const hidden = drawn.map(({ parts }) => parts.disturbed);
console.log(`
Relevance on the four planted columns ${percent(share(...planted))}, with the suppressor ${percent(share(...planted, 'suppressor'))}.
The same everywhere would be ${percent(uniformShare(only(...planted)))} and ${percent(uniformShare(only(...planted, 'suppressor')))}.
Disturbed column and suppressor together: correlation ${correlation(both, hidden).toFixed(2)} with what they add.`);
