// Measures what explanations cost, in units of one prediction. See README.md.
import { writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { measure, subjectOf } from './measure.js';
import { networks } from './networks/network.js';
import { setRandomWeights } from './networks/random-weights.js';
import { type Options, readOptions } from './options.js';
import type { Row } from './row.js';
import { namesOfRules } from './rules.js';
import { tableOf } from './table.js';

/** The preset whose ledger is measured. */
const LEDGER_RULES = 'epsilon-plus';

const options = readOptions(process.argv.slice(2));
tf.enableProdMode();
if (!(await tf.setBackend(options.backend))) throw new Error(`The backend ${options.backend} did not start.`);
const rows: Row[] = [];
for (const name of Object.keys(networks)) rows.push(...(await rowsOf(name, options)));
console.log(tableOf(rows));
if (options.json) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);

/** Every asked-for set of rules on one network. Says on stderr where it is. */
async function rowsOf(name: string, { only, all, batch, width, runs, backend }: Options): Promise<Row[]> {
  const wanted = namesOfRules(all).filter((rules) => only.test(`${name} ${rules}`));
  const build = networks[name];
  if (wanted.length === 0 || !build) return [];
  const model = build(width);
  setRandomWeights(model);
  const subject = await subjectOf(name, model, batch);
  const measured: Row[] = [];
  for (const rules of wanted) {
    console.error(`${name} ${rules}`);
    measured.push(await measure(subject, rules, { backend, batch, runs }, rules === LEDGER_RULES));
  }
  subject.input.dispose();
  model.dispose();
  return measured;
}
