// What can go wrong on the way through a dataset: bad items, stopping, slow and broken sources.
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, describe, expect, test } from 'vitest';
import { explainDataset, type Input, ItemError, type ItemResult, plan } from '../../src/index.js';
import { errorOf, randomTensor, tensorCount } from '../explanation/tools.js';
import { all, classifier, lazyDataset, samples } from './tools.js';

const planned = plan(classifier(), 'epsilon');
const good = samples(9);
const wrongShape = randomTensor([5], 1);
const nothing = Number.NaN;
const broken = tf.tensor1d([1, nothing, 2, 3]);
afterAll(() => {
  tf.dispose([...good, wrongShape, broken]);
  planned.dispose();
});
// The derived kernels are made with the first use.
await all(explainDataset(planned, good.slice(0, 1)));

/** Good items with others put in at some positions. */
function dataset(others: Readonly<Record<number, unknown>>): Input[] {
  return good.map((item, index) => (others[index] ?? item) as Input); // What is no input is the point.
}

/** The results until an error, and that error. */
async function until(results: AsyncIterable<ItemResult>): Promise<{ indices: number[]; error: Error }> {
  const indices: number[] = [];
  const error = await errorOf(async () => {
    for await (const { index } of results) indices.push(index);
  });
  return { indices, error };
}

describe('an item that cannot be explained', () => {
  test.each([1, 2])('ends the work, after all items before it (%d at a time)', async (concurrency) => {
    const { indices, error } = await until(
      explainDataset(planned, dataset({ 5: wrongShape }), { batchSize: 4, concurrency }),
    );
    expect(indices).toEqual([0, 1, 2, 3, 4]);
    expect(error).toBeInstanceOf(ItemError);
    expect(error).toMatchObject({ name: 'ItemError', index: 5, code: 'input', cause: { name: 'InputError' } });
    expect(error.message).toMatchInlineSnapshot(
      `"Item 5 of the dataset cannot be explained: Input "hidden_input" has shape [1, 5]. Expected [null, 4], or [4] for a single sample. The item is [5]; items come without the batch axis."`,
    );
  });

  test('is reported where asked, and the others go on', async () => {
    const before = tensorCount();
    const items = dataset({ 2: wrongShape, 5: 'text', 8: undefined });
    items[8] = null as unknown as Input;
    const seen: number[] = [];
    const onProgress = ({ failed }: { failed: number }) => void seen.push(failed);
    const results = await all(explainDataset(planned, items, { onError: 'report', batchSize: 4, onProgress }));
    expect(results.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(results.flatMap(({ index, error }) => (error ? [index] : []))).toEqual([2, 5, 8]);
    expect(results[5]?.error?.message).toBe(
      'Item 5 of the dataset cannot be explained: The input is no tensor: received string. Expected "hidden_input" [null, 4].',
    );
    expect(results[8]?.error?.message).toContain('The input is no tensor: received null.');
    expect(seen).toEqual([0, 0, 1, 1, 1, 2, 2, 2, 3]);
    expect(tensorCount()).toBe(before);
  });

  test('of a batch is found, and its neighbours are explained', async () => {
    const items = dataset({ 1: broken, 2: broken });
    const results = await all(explainDataset(planned, items, { check: true, onError: 'report', batchSize: 4 }));
    expect(results.flatMap(({ index, error }) => (error ? [[index, error.code]] : []))).toEqual([
      [1, 'numerics'],
      [2, 'numerics'],
    ]);
    expect(results[1]?.error?.place).toMatchObject({ address: 'hidden' });
    const { indices, error } = await until(explainDataset(planned, items, { check: true, batchSize: 4 }));
    expect(indices).toEqual([0]);
    expect(error).toMatchObject({ index: 1, code: 'numerics' });
  });

  test('has a target out of range', async () => {
    const targetOf = (index: number) => index;
    const { indices, error } = await until(explainDataset(planned, good, { targetOf, batchSize: 9 }));
    expect(indices).toEqual([0, 1, 2]);
    expect(error).toMatchObject({ index: 3, code: 'target' });
  });

  test('a batch with its own axis is no item', async () => {
    const batch = randomTensor([2, 4], 1);
    const { error } = await until(explainDataset(planned, [batch]));
    expect(error.message).toContain('The item is [2, 4]; items come without the batch axis.');
    batch.dispose();
  });
});

describe('what is wrong with every item is thrown as it is', () => {
  test('a layer that does not exist', async () => {
    const options = { keep: ['hiden'], onError: 'report' } as const;
    const error = await errorOf(() => all(explainDataset(planned, good, options)));
    expect(error).toMatchObject({ name: 'MatchError' });
  });

  test('a disposed plan', async () => {
    const gone = plan(classifier(), 'epsilon');
    gone.dispose();
    const error = await errorOf(() => all(explainDataset(gone, good, { onError: 'report' })));
    expect(error).toMatchObject({ name: 'DisposedError' });
  });

  test('map that throws, or answers too little', async () => {
    const mine = explainDataset(planned, good, {
      onError: 'report',
      map: () => {
        throw new Error('mine');
      },
    });
    expect((await errorOf(() => all(mine))).message).toBe('mine');
    const short = await errorOf(() => all(explainDataset(planned, good, { map: () => [1], batchSize: 4 })));
    expect(short.message).toMatchInlineSnapshot(
      `"map answered 1 values for a batch of 4. Answer one per sample, in the order of the batch axis."`,
    );
  });

  test.each([{ batchSize: 0 }, { batchSize: 1.5 }, { concurrency: nothing }])('%j', async (options) => {
    const error = await errorOf(() => all(explainDataset(planned, good, options)));
    expect(error.message).toMatch(/^(batchSize|concurrency) is (0|1\.5|NaN)\. Expected a whole number from 1 up\.$/);
  });

  test('targetOf beside a target with units', async () => {
    const options = { targetOf: () => 1, target: 2 };
    const error = await errorOf(() => all(explainDataset(planned, good, options)));
    expect(error.message).toContain('targetOf names the units. Leave target out');
  });
});

describe('stopping', () => {
  test('before it begins: nothing is read', async () => {
    const { dataset: lazy, state } = lazyDataset(4);
    const error = await errorOf(() => all(explainDataset(planned, lazy, { signal: AbortSignal.abort() })));
    expect(error).toMatchObject({ name: 'AbortError', code: 'aborted' });
    expect(error.message).toBe('The dataset was aborted after 0 items. Nothing is left behind.');
    expect(state.read).toBe(0);
  });

  test.each([1, 3])('midway, with %d batches at a time', async (concurrency) => {
    const controller = new AbortController();
    const indices: number[] = [];
    const error = await errorOf(async () => {
      const options = { signal: controller.signal, batchSize: 2, concurrency };
      for await (const { index } of explainDataset(planned, lazyDataset(50).dataset, options)) {
        indices.push(index);
        if (index === 2) controller.abort();
      }
    });
    expect(indices).toEqual([0, 1, 2]);
    expect(error.message).toBe('The dataset was aborted after 3 items. Nothing is left behind.');
  });

  test('while the source keeps it waiting, and what comes too late is ended', async () => {
    const before = tensorCount();
    let deliver: (value: IteratorResult<unknown>) => void = () => {};
    const iterator = async () => ({
      next: () =>
        new Promise<IteratorResult<unknown>>((resolve) => {
          deliver = resolve;
        }),
    });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    const error = await errorOf(() => all(explainDataset(planned, { iterator }, { signal: controller.signal })));
    expect(error).toMatchObject({ name: 'AbortError' });
    deliver({ done: false, value: randomTensor([4], 1) });
    await new Promise((resolve) => setTimeout(resolve, 0));
    expect(tensorCount()).toBe(before);
  });

  test('when the time is over', async () => {
    async function* slow() {
      for (const item of good) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        yield item;
      }
    }
    const error = await errorOf(() => all(explainDataset(planned, slow(), { timeBudget: 100, batchSize: 1 })));
    expect(error).toMatchObject({ name: 'AbortError' });
    expect(error.message).toMatch(/^The time budget of 100 ms ran out after [0-3] items\. Nothing is left behind\.$/);
  });

  test('by leaving the loop: the source is told, nothing is left', async () => {
    const before = tensorCount();
    let closed = false;
    function* source() {
      try {
        yield* good;
      } finally {
        closed = true;
      }
    }
    for await (const { index } of explainDataset(planned, source(), { batchSize: 2, concurrency: 2 })) {
      if (index === 1) break;
    }
    expect(closed).toBe(true);
    expect(tensorCount()).toBe(before);
  });

  test("leaves no listener at the caller's signal", async () => {
    const controller = new AbortController();
    let listeners = 0;
    const { signal } = controller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    Object.assign(signal, {
      addEventListener: (...args: Parameters<typeof add>) => {
        listeners += 1;
        add(...args);
      },
      removeEventListener: (...args: Parameters<typeof remove>) => {
        listeners -= 1;
        remove(...args);
      },
    });
    await all(explainDataset(planned, good, { signal }));
    expect(listeners).toBe(0);
  });
});

describe('a source that fails', () => {
  test.each([1, 2])(
    'ends the work with its own error, after all items before it (%d at a time)',
    async (concurrency) => {
      const before = tensorCount();
      function* failing() {
        yield* good.slice(0, 3);
        throw new Error('disk full');
      }
      const { indices, error } = await until(explainDataset(planned, failing(), { batchSize: 2, concurrency }));
      expect(indices).toEqual([0, 1, 2]);
      expect(error.message).toBe('disk full');
      expect(tensorCount()).toBe(before);
    },
  );
});

describe('reading ahead', () => {
  test.each([
    [1, 1, 1],
    [4, 1, 4],
    [4, 2, 8],
  ])('batches of %d, %d at a time: %d items before the first result', async (batchSize, concurrency, expected) => {
    const { dataset: lazy, state } = lazyDataset(100);
    const results = explainDataset(planned, lazy, { batchSize, concurrency });
    expect(state.read).toBe(0);
    await results.next();
    expect(state.read).toBe(expected);
    // The rest of the batch lies ready.
    for (let index = 1; index < batchSize; index++) await results.next();
    expect(state.read).toBe(expected);
    await results.next();
    expect(state.read).toBe(expected + batchSize);
    await results.return();
  });

  test('memory does not grow with the number of items', async () => {
    const counts = new Set<number>();
    for await (const { index } of explainDataset(planned, lazyDataset(60).dataset, { batchSize: 5 })) {
      if (index % 5 === 4) counts.add(tensorCount());
    }
    expect(counts.size).toBe(1);
  });
});
