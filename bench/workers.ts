// Measures what worker threads are worth: items explained per second on one core in this process, and in a pool.
// Run `npx tsx bench/workers.ts --help`.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { build } from 'vite';
import type { PlainTensor } from '../src/node/index.js';
import { textTable } from '../src/text-table.js';
import { networks } from './networks/network.js';
import { filled, randomNumbers, setRandomWeights } from './networks/random-weights.js';
import { median } from './time.js';

/** Results that are not timed: threads start, code is compiled, and what was begun before the first result comes for nothing. */
const WARM_UP = 40;

const USAGE = `npx tsx bench/workers.ts [options]
  --network NAME     one of ${Object.keys(networks).join(', ')} (MobileNetV1)
  --rules NAME       preset (epsilon-plus)
  --items N          items per run, more than ${WARM_UP} (120)
  --workers LIST     sizes of the pool (1,2)
  --runs N           runs of everything, in turns (3)
  --width FACTOR     fraction of the network's channels (1)
  --json FILE        writes the rows to a file as well`;

/** One line: how fast a way of going through the same items is. */
interface WorkersRow {
  readonly network: string;
  readonly rules: string;
  /** Threads of the pool; 0 for none, in this process. */
  readonly workers: number;
  readonly items: number;
  /** By wall time, once all threads are at work. */
  readonly itemsPerSecond: number;
  /** CPU milliseconds that an item takes, all threads together: what it costs, however busy the machine is. */
  readonly cpuPerItem: number;
  /** How many times as fast as without a pool, by medians. */
  readonly speedUp: number;
  /** Seconds until the first result: threads started, models loaded, kernels derived. */
  readonly firstResult: number;
}

interface Run {
  readonly itemsPerSecond: number;
  readonly cpuPerItem: number;
  readonly firstResult: number;
}

const { values } = parseArgs({
  options: {
    network: { type: 'string', default: 'MobileNetV1' },
    rules: { type: 'string', default: 'epsilon-plus' },
    items: { type: 'string', default: '120' },
    workers: { type: 'string', default: '1,2' },
    runs: { type: 'string', default: '3' },
    width: { type: 'string', default: '1' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) console.log(USAGE);
else await main();

type Library = typeof import('../src/index.js') & typeof import('../src/node/index.js');

/** The library as it is published: sources run by a loader are slower in a worker than elsewhere. */
async function builtLibrary(): Promise<Library> {
  const root = dirname(import.meta.dirname);
  const outDir = join(root, 'build/bench-workers');
  const entry = { index: 'src/index.ts', node: 'src/node/index.ts', worker: 'src/node/worker.ts' };
  const rollupOptions = { external: /^(node:|@?[a-z])/ };
  const lib = { entry, formats: ['es' as const, 'cjs' as const] };
  await build({ configFile: false, logLevel: 'error', root, build: { outDir, minify: false, lib, rollupOptions } });
  const load = (name: string) => import(pathToFileURL(join(outDir, `${name}.js`)).href);
  return { ...(await load('index')), ...(await load('node')) };
}

async function main(): Promise<void> {
  const library = await builtLibrary();
  await library.startBackend('wasm');
  const folder = await mkdtemp(join(tmpdir(), 'bench-workers-'));
  try {
    const shape = await saveNetwork(folder, library);
    const items = itemsOf(shape, Number(values.items));
    const pools = values.workers.split(',').map(Number);
    const rows = rowsOf([0, ...pools], await inTurns([0, ...pools], folder, items, library));
    console.log(tableOf(rows));
    if (values.json) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Saves a network with random weights; answers the shape of its samples. */
async function saveNetwork(folder: string, { fileSystem }: Library): Promise<number[]> {
  const network = networks[values.network];
  if (!network) throw new Error(`There is no network ${values.network}.\n${USAGE}`);
  const model = network.build(Number(values.width));
  setRandomWeights(model);
  await model.save(fileSystem(folder));
  model.dispose();
  return (model.inputs[0]?.shape ?? []).slice(1).map((size) => size ?? 1);
}

function itemsOf(shape: readonly number[], count: number): PlainTensor[] {
  return Array.from({ length: count }, (_, index) => {
    const data = Float32Array.from(filled(shape, -1, 1, randomNumbers(index + 1)));
    return { shape, data };
  });
}

/** Every way in turns, so that a busy machine disturbs all of them alike. */
async function inTurns(
  ways: readonly number[],
  folder: string,
  items: readonly PlainTensor[],
  library: Library,
): Promise<Run[][]> {
  const runs: Run[][] = ways.map(() => []);
  for (let turn = 0; turn < Number(values.runs); turn++) {
    for (const [index, workers] of ways.entries()) {
      console.error(`run ${turn + 1}: ${workers === 0 ? 'this process' : `${workers} workers`}`);
      runs[index]?.push(
        workers === 0 ? await inProcess(folder, items, library) : await inPool(folder, items, workers, library),
      );
    }
  }
  return runs;
}

async function inProcess(folder: string, items: readonly PlainTensor[], library: Library): Promise<Run> {
  const { explainDataset, loadModel, plan } = library;
  const begun = performance.now();
  const model = await loadModel(folder);
  const planned = plan(model, values.rules);
  const tensors = items.map(({ data, shape }) => tf.tensor(data, [...shape]));
  const run = await timed(explainDataset(planned, tensors, { batchSize: 1 }), begun);
  tf.dispose(tensors);
  planned.dispose();
  model.dispose();
  return run;
}

function inPool(folder: string, items: readonly PlainTensor[], workers: number, library: Library): Promise<Run> {
  const begun = performance.now();
  const options = { workers, rules: values.rules, batchSize: 1, execArgv: [] };
  return timed(library.explainDatasetInWorkers(folder, items, options), begun);
}

async function timed(results: AsyncIterable<unknown>, begun: number): Promise<Run> {
  const times: number[] = [];
  const spent: number[] = [];
  for await (const _ of results) {
    times.push(performance.now());
    const { user, system } = process.cpuUsage();
    spent.push((user + system) / 1000);
  }
  const [first = Number.NaN] = times;
  const [warm, last] = [times[WARM_UP - 1] ?? Number.NaN, times.at(-1) ?? Number.NaN];
  const items = times.length - WARM_UP;
  return {
    itemsPerSecond: (1000 * items) / (last - warm),
    cpuPerItem: ((spent.at(-1) ?? Number.NaN) - (spent[WARM_UP - 1] ?? Number.NaN)) / items,
    firstResult: (first - begun) / 1000,
  };
}

function rowsOf(ways: readonly number[], runs: readonly (readonly Run[])[]): WorkersRow[] {
  const rates = runs.map((list) => median(list.map((run) => run.itemsPerSecond)));
  return ways.map((workers, index) => ({
    network: values.network,
    rules: values.rules,
    workers,
    items: Number(values.items),
    itemsPerSecond: rates[index] ?? Number.NaN,
    cpuPerItem: median((runs[index] ?? []).map((run) => run.cpuPerItem)),
    speedUp: (rates[index] ?? Number.NaN) / (rates[0] ?? Number.NaN),
    firstResult: median((runs[index] ?? []).map((run) => run.firstResult)),
  }));
}

function tableOf(rows: readonly WorkersRow[]): string {
  const body = rows.map((row) => [
    row.network,
    row.rules,
    row.workers === 0 ? 'none' : String(row.workers),
    row.itemsPerSecond.toFixed(1),
    row.speedUp.toFixed(2),
    row.cpuPerItem.toFixed(1),
    row.firstResult.toFixed(2),
  ]);
  return textTable(
    [['network', 'rules', 'workers', 'items / s', 'speed-up', 'cpu ms / item', 'first result s'], ...body],
    [2, 3, 4, 5, 6],
  );
}
