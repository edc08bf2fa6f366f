// Measures what explanations cost, in units of one prediction. See README.md.
import { writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { measureGrowth, tableOfGrowth } from './growth.js';
import { measureKernels, tableOfKernels } from './kernels.js';
import { measureLive, tableOfLive } from './live.js';
import { measure, subjectOf } from './measure.js';
import { type Network, networks } from './networks/network.js';
import { setRandomWeights } from './networks/random-weights.js';
import { type Measure, type Options, readOptions } from './options.js';
import type { Row } from './row.js';
import { ledgerRulesOf, namesOfRules } from './rules.js';
import { tableOf } from './table.js';
import { measureTargets, tableOfTargets } from './targets.js';

try {
  await main(readOptions(process.argv.slice(2)));
} catch (error) {
  // Left alone, the wasm backend would print its own source before it.
  console.error(error);
  process.exitCode = 1;
}

async function main(options: Options): Promise<void> {
  tf.enableProdMode();
  if (!(await tf.setBackend(options.backend))) throw new Error(`The backend ${options.backend} did not start.`);
  const rows: object[] = [];
  if (options.instead.length === 0) rows.push(...(await table(options)));
  for (const what of options.instead) rows.push(...(await instead(what, options)));
  if (options.json) await writeFile(options.json, `${JSON.stringify(rows, null, 2)}\n`);
}

async function table(given: Options): Promise<Row[]> {
  const all: Row[] = [];
  for (const [name, network] of Object.entries(networks)) all.push(...(await rowsOf(name, network, given)));
  console.log(tableOf(all));
  return all;
}

/** Every asked-for set of rules on one network. Says on stderr where it is. */
async function rowsOf(network: string, { kind, build }: Network, given: Options): Promise<Row[]> {
  const { only, all, width } = given;
  const wanted = namesOfRules(kind, all).filter((rules) => only.test(`${network} ${rules}`));
  if (wanted.length === 0) return [];
  const model = build(width);
  setRandomWeights(model);
  const subject = subjectOf(width === 1 ? network : `${network}-${width}`, model, given.batch);
  const measured: Row[] = [];
  for (const rules of wanted) {
    console.error(`${subject.name} ${rules}`);
    measured.push(await measure(subject, rules, given, rules === ledgerRulesOf(kind)));
  }
  subject.input.dispose();
  model.dispose();
  return measured;
}

async function instead(what: Measure, given: Options): Promise<readonly object[]> {
  switch (what) {
    case 'growth':
      return printed(await measureGrowth(given.only, given), tableOfGrowth);
    case 'live':
      return printed(measureLive(given), tableOfLive);
    case 'kernels':
      return printed(measureKernels(given), tableOfKernels);
    case 'targets':
      return printed(measureTargets(given), tableOfTargets);
  }
}

function printed<T extends object>(list: readonly T[], asText: (rows: readonly T[]) => string): readonly T[] {
  console.log(`${asText(list)}\n`);
  return list;
}
