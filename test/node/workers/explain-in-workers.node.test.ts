// Datasets on several cores: the same numbers as in one thread, and nothing lost when a worker is.
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, test } from 'vitest';
import { epsilon, explainDataset, type Input, type ItemResult, plan } from '../../../src/index.js';
import { loadModel, type PlainInput } from '../../../src/node/index.js';
import { all, lazyDataset, samples } from '../../dataset/tools.js';
import { errorOf, tensorCount } from '../../explanation/tools.js';
import { builtDoor, builtModule } from './built.js';
import { backend, common, plainItems, savedModel, special } from './tools.js';

const { explainDatasetInWorkers } = await builtDoor();
const { path, remove } = await savedModel();
afterAll(remove);

/** The results of one thread, with the same batches. */
async function inOneThread(items: readonly Input[], rules: string, batchSize: number): Promise<ItemResult[]> {
  const planned = plan(await loadModel(path), rules);
  const results = await all(explainDataset(planned, items, { batchSize }));
  planned.dispose();
  return results;
}

/** Good items with special ones put in. */
function dataset(count: number, others: Readonly<Record<number, PlainInput>>): PlainInput[] {
  return plainItems(count).map((item, index) => others[index] ?? item);
}

const crash = builtModule('crash');

describe('results', () => {
  test('are those of one thread to the last bit, in the order of the dataset', async () => {
    const items = samples(23);
    const expected = await inOneThread(items, 'epsilon-plus', 4);
    const before = tensorCount();
    const options = { ...common, rules: 'epsilon-plus', batchSize: 4 };
    expect(await all(explainDatasetInWorkers(path, plainItems(23), options))).toEqual(expected);
    expect(await all(explainDatasetInWorkers(path, items, options))).toEqual(expected);
    expect(await all(explainDatasetInWorkers(path, lazyDataset(23).dataset, options))).toEqual(expected);
    expect(tensorCount()).toBe(before);
    tf.dispose(items);
  });

  test('come with a target for each item, and rules that are data', async () => {
    const targetOf = (index: number) => index % 3;
    const options = { ...common, rules: epsilon(0.25), targetOf, batchSize: 3 };
    const results = await all(explainDatasetInWorkers(path, plainItems(8), options));
    expect(results.map(({ value }) => value.unit)).toEqual([0, 1, 2, 0, 1, 2, 0, 1]);
    const items = samples(8);
    const planned = plan(await loadModel(path), epsilon(0.25));
    expect(results).toEqual(await all(explainDataset(planned, items, { targetOf, batchSize: 3 })));
    planned.dispose();
    tf.dispose(items);
  });

  test('are what the setup module reads, by its rules', async () => {
    const options = { ...common, setup: builtModule('setup'), batchSize: 2 };
    const results = await all(explainDatasetInWorkers<string>(path, plainItems(5), options));
    expect(results).toEqual([0, 1, 2, 3, 4].map((index) => ({ index, value: `function ${index}` })));
  });

  test('progress has the total', async () => {
    const seen: unknown[] = [];
    const options = { ...common, onProgress: (progress: unknown) => void seen.push(progress) };
    await all(explainDatasetInWorkers(path, plainItems(3), options));
    expect(seen).toEqual([1, 2, 3].map((done) => ({ done, failed: 0, total: 3 })));
  });
});

describe('a worker that ends', () => {
  test.each(['exit', 'throw'] as const)('(%s): its items are tried again, the culprit is reported', async (kind) => {
    const items = dataset(12, { 5: special(kind) });
    const options = { ...common, setup: crash, onError: 'report', batchSize: 4 } as const;
    const results = await all(explainDatasetInWorkers(path, items, options));
    expect(results.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    expect(results.flatMap(({ index, error }) => (error ? [index] : []))).toEqual([5]);
    expect(results[5]?.error?.message).toBe(
      'Item 5 of the dataset cannot be explained: its worker ended, and ended again when it was tried alone ' +
        `(${kind === 'exit' ? 'worker exited with code: 7' : 'nobody catches this'}).`,
    );
    const healthy = await all(explainDatasetInWorkers(path, plainItems(12), options));
    const ofOthers = (list: typeof results) => list.filter(({ index }) => index < 4 || index > 7);
    expect(ofOthers(results)).toEqual(ofOthers(healthy));
    expect(results[4]?.value?.unit).toBe(healthy[4]?.value?.unit);
  });

  test('ends the work where failures are thrown, after all items before it', async () => {
    const items = dataset(12, { 6: special('exit') });
    const indices: number[] = [];
    const error = await errorOf(async () => {
      const options = { ...common, setup: crash, batchSize: 4 };
      for await (const { index } of explainDatasetInWorkers(path, items, options)) indices.push(index);
    });
    expect(indices).toEqual([0, 1, 2, 3, 4, 5]);
    expect(error).toMatchObject({ name: 'ItemError', index: 6, code: 'input' });
  });
});

describe('an item that cannot be explained', () => {
  test('is named by its place in the dataset, and its neighbours are explained', async () => {
    const items = dataset(10, { 6: { shape: [5], data: new Float32Array(5) }, 8: special('refuse') });
    const options = { ...common, setup: crash, batchSize: 4, onError: 'report' } as const;
    const results = await all(explainDatasetInWorkers(path, items, options));
    expect(results.flatMap(({ index, error }) => (error ? [index] : []))).toEqual([6, 8]);
    expect(results[6]?.error).toMatchObject({ index: 6, code: 'input', cause: { name: 'InputError' } });
    expect(results[6]?.error?.message).toMatchInlineSnapshot(
      `"Item 6 of the dataset cannot be explained: Input "hidden_input" has shape [1, 5]. Expected [null, 4], or [4] for a single sample. The item is [5]; items come without the batch axis."`,
    );
    expect(results[8]?.error?.message).toBe('Item 8 of the dataset cannot be explained: the step failed');
  });

  test('has numbers that do not fit its shape', async () => {
    const items = dataset(2, { 1: { shape: [4], data: new Float32Array(3) } });
    const error = await errorOf(() => all(explainDatasetInWorkers(path, items, common)));
    expect(error.message).toContain('A shape of [4] does not fit 3 numbers.');
  });
});

describe('stopping', () => {
  test('ends a worker in the middle of its work', async () => {
    const items = dataset(40, { 9: special('hang') });
    const begun = performance.now();
    const controller = new AbortController();
    const indices: number[] = [];
    const error = await errorOf(async () => {
      const options = { ...common, setup: crash, batchSize: 2, signal: controller.signal };
      for await (const { index } of explainDatasetInWorkers(path, items, options)) {
        indices.push(index);
        if (index === 7) setTimeout(() => controller.abort(), 200);
      }
    });
    expect(indices).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted' });
    expect(error.message).toBe('The dataset was aborted after 8 items. Nothing is left behind.');
    expect(performance.now() - begun).toBeLessThan(60_000);
  });

  test('by leaving the loop; little has been read ahead', async () => {
    const { dataset: lazy, state } = lazyDataset(1000);
    const before = tensorCount();
    for await (const { index } of explainDatasetInWorkers(path, lazy, { ...common, batchSize: 2 })) {
      expect(index).toBe(0);
      // Two batches of two for each of two workers.
      expect(state.read).toBe(8);
      break;
    }
    expect(tensorCount()).toBe(before);
  });
});

describe('what is wrong with all items is thrown as it is', () => {
  const complaint = async (options: object, model = path): Promise<string> => {
    const error = await errorOf(() => all(explainDatasetInWorkers(model, plainItems(3), { ...common, ...options })));
    return `${error.name}: ${error.message}`.replaceAll(tmpdir(), 'TMP').replaceAll(import.meta.dirname, 'HERE');
  };

  test('no model', async () => {
    expect(await complaint({}, join(tmpdir(), 'no-such-model'))).toMatchInlineSnapshot(
      `"InputError: There is no model at TMP/no-such-model: expected a folder with model.json, or the path of such a file."`,
    );
  });

  test('a missing shard', async () => {
    const other = await savedModel();
    await rm(join(other.path, 'weights.bin'));
    expect(await complaint({}, other.path)).toMatch(/^InputError: Cannot read the weights .*weights\.bin/);
    await other.remove();
  });

  test('rules that are unknown, or cannot be sent', async () => {
    expect(await complaint({ rules: 'epsilon-plas' })).toMatch(/^RuleError: .*"epsilon-plas"/);
    expect(await complaint({ rules: () => epsilon() })).toMatch(
      /^RuleError: Rules, plan options or target cannot be sent to a worker: .* Name a preset, or export \{rules, planOptions\}/,
    );
  });

  test('a plan that does not work out', async () => {
    expect(await complaint({ rules: { hiden: epsilon() } })).toMatch(/^PlanError: .*\n {2}1\. .*hiden/);
  });

  test('a setup module that is not there', async () => {
    expect(await complaint({ setup: builtModule('none') })).toMatch(
      /^InputError: The setup module file:.*none\.js cannot be loaded: /,
    );
  });

  test('threads that do not start', async () => {
    const message = /^InputError: Worker threads do not start: .*none\.js/s;
    expect(await complaint({ execArgv: ['--import', builtModule('none').href] })).toMatch(message);
    expect(await complaint({ execArgv: ['--import', builtModule('none').href], onError: 'report' })).toMatch(message);
  });

  test('threads that end before they are ready', async () => {
    const ends = 'data:text/javascript,process.exit(3)';
    expect(await complaint({ execArgv: ['--import', ends], workers: 1 })).toMatch(
      /^InputError: Worker threads do not start: /,
    );
  });

  test('values that cannot be sent', async () => {
    expect(await complaint({ setup: builtModule('unsendable') })).toMatch(
      /^InputError: A value that map of the setup module answered cannot be sent: .* Answer plain data, such as typed arrays\.$/,
    );
  });

  test('a backend that Node does not have', async () => {
    expect(await complaint({ backend: 'webgl' })).toBe(
      'InputError: There is no backend "webgl" for Node. Expected wasm or cpu.',
    );
  });

  test.each([0, 1.5])('%d workers', async (workers) => {
    expect(await complaint({ workers })).toBe(`InputError: workers is ${workers}. Expected a whole number from 1 up.`);
  });

  test('the backend of this thread stays as it was', () => {
    expect(tf.getBackend()).toBe(backend);
  });
});
