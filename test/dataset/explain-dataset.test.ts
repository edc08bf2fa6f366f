// Going through a dataset: what is handed out, in which order, from which sources.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, describe, expect, test } from 'vitest';
import {
  type DatasetBatch,
  type Explanation,
  explainDataset,
  type Input,
  type ItemResult,
  plan,
} from '../../src/index.js';
import {
  apply,
  at,
  errorOf,
  expectNumbersClose,
  numbers,
  randomizeWeights,
  randomTensor,
  tensorCount,
} from '../explanation/tools.js';
import { all, anySize, classifier, lazyDataset, samples } from './tools.js';

const model = classifier();
const planned = plan(model, 'epsilon');
const items = samples(11);
afterAll(() => {
  tf.dispose(items);
  planned.dispose();
});

/** What each item gets when it is explained alone. */
async function alone(): Promise<{ unit: number; score: number; relevance: number[] }[]> {
  const expected = [];
  for (const item of items) {
    const explanation = planned.explain(item);
    const { scores, weights } = explanation.target;
    const unit = (await numbers(weights)).indexOf(1);
    const relevance = await numbers(at(explanation.inputs, 0).relevance);
    expected.push({ unit, score: at(await numbers(scores), 0), relevance });
    explanation.dispose();
  }
  return expected;
}

function expectLikeAlone(results: readonly ItemResult[], expected: Awaited<ReturnType<typeof alone>>): void {
  expect(results.map(({ index }) => index)).toEqual(expected.map((_, index) => index));
  for (const [index, { value }] of results.entries()) {
    const { unit, score, relevance } = at(expected, index);
    expect(value.unit).toBe(unit);
    expect(value.place).toBe('output "classes"');
    expect(value.inputs.map(({ name, shape }) => ({ name, shape }))).toEqual([{ name: 'hidden_input', shape: [4] }]);
    expectNumbersClose([value.score], [score]);
    expectNumbersClose([...at(value.inputs, 0).relevance], relevance);
  }
}

describe('what is handed out', () => {
  test.each([
    [1, 1],
    [4, 1],
    [4, 3],
    [11, 1],
    [50, 2],
  ])('is what each item gets alone: batches of %d, %d at a time', async (batchSize, concurrency) => {
    const expected = await alone();
    const before = tensorCount();
    expectLikeAlone(await all(explainDataset(planned, items, { batchSize, concurrency })), expected);
    expect(tensorCount()).toBe(before);
  });

  test('is data of its own, not a window on that of the batch', async () => {
    for (const { value } of await all(explainDataset(planned, items, { batchSize: 4 }))) {
      const { relevance } = at(value.inputs, 0);
      expect(relevance).toBeInstanceOf(Float32Array);
      expect(relevance.buffer.byteLength).toBe(16);
    }
  });

  test('numbered from where a part of a dataset begins', async () => {
    const targetOf = (index: number) => index % 3;
    const results = await all(explainDataset(planned, items.slice(0, 3), { firstIndex: 100, targetOf }));
    expect(results.map(({ index, value }) => [index, value.unit])).toEqual([
      [100, 1],
      [101, 2],
      [102, 0],
    ]);
  });

  test('in batches of eight unless told otherwise', async () => {
    const sizes = new Set<number>();
    const map = (_: Explanation, { indices }: DatasetBatch) => {
      sizes.add(indices.length);
      return indices;
    };
    await all(explainDataset(planned, items, { map }));
    expect([...sizes]).toEqual([8, 3]);
  });

  test('nothing for an empty source', async () => {
    expect(await all(explainDataset(planned, []))).toEqual([]);
  });

  test('one target for all, or one for each', async () => {
    const units = async (results: AsyncIterable<ItemResult>) => (await all(results)).map(({ value }) => value.unit);
    expect(await units(explainDataset(planned, items, { target: 2, batchSize: 4 }))).toEqual(items.map(() => 2));
    const targetOf = (index: number) => index % 3;
    const expected = items.map((_, index) => index % 3);
    expect(await units(explainDataset(planned, items, { targetOf, batchSize: 4 }))).toEqual(expected);
    const target = { output: 'classes' };
    expect(await units(explainDataset(planned, items, { targetOf, target, batchSize: 4 }))).toEqual(expected);
  });

  test('a target of several units is none of them', async () => {
    const [first] = await all(explainDataset(planned, items.slice(0, 1), { target: 'all' }));
    expect(first?.value.unit).toBeNull();
  });

  test('items of different shapes, only neighbours together', async () => {
    const sizes = [3, 3, 5, 3, 4, 4];
    const pictures = sizes.map((size, index) => randomTensor([size, size, 1], index));
    const pictured = plan(anySize(), 'epsilon-plus');
    const batches: (readonly number[])[] = [];
    const results = await all(
      explainDataset(pictured, pictures, {
        map: async ({ inputs }, { indices }) => {
          batches.push(indices);
          const shape = at(inputs, 0).relevance.shape.slice(1);
          return indices.map(() => shape);
        },
      }),
    );
    expect(batches).toEqual([[0, 1], [2], [3], [4, 5]]);
    expect(results.map(({ value }) => value)).toEqual(sizes.map((size) => [size, size, 1]));
    tf.dispose(pictures);
    pictured.dispose();
  });

  test('several inputs, by order and by name', async () => {
    const [a, b] = [tfl.input({ shape: [2], name: 'a' }), tfl.input({ shape: [3], name: 'b' })];
    const joined = apply(tfl.layers.concatenate({ name: 'join' }), [a, b]);
    const two = tfl.model({ inputs: [a, b], outputs: apply(tfl.layers.dense({ units: 2, name: 'out' }), joined) });
    randomizeWeights(two, 5);
    const pairs = Array.from({ length: 3 }, (_, index) => ({
      a: randomTensor([2], index),
      b: randomTensor([3], 9 + index),
    }));
    const both = plan(two, 'epsilon');
    const named = await all(
      explainDataset(
        both,
        pairs.map((pair) => ({ b: pair.b, a: pair.a })),
      ),
    );
    const ordered = await all(
      explainDataset(
        both,
        pairs.map((pair): Input => [pair.a, pair.b]),
      ),
    );
    expect(named).toEqual(ordered);
    expect(at(named, 0).value.inputs.map(({ name, shape }) => [name, shape])).toEqual([
      ['a', [2]],
      ['b', [3]],
    ]);
    tf.dispose(pairs);
    both.dispose();
  });
});

describe('map', () => {
  test('reads the explanation of each batch before it is disposed', async () => {
    const before = tensorCount();
    const results = await all(
      explainDataset(planned, items, {
        batchSize: 4,
        map: async (explanation, { indices }) => {
          const hidden = await numbers(explanation.layer('hidden').output);
          return indices.map((index, sample) => [index, hidden.slice(6 * sample, 6 * sample + 6)] as const);
        },
      }),
    );
    expect(results.map(({ value }) => value[0])).toEqual(items.map((_, index) => index));
    const explanation = planned.explain(at(items, 6));
    expectNumbersClose(at(results, 6).value[1], await numbers(explanation.layer('hidden').output));
    explanation.dispose();
    expect(tensorCount()).toBe(before);
  });

  test('has the ledger', async () => {
    const read = explainDataset(planned, items, {
      map: async (explanation, { indices }) => {
        const { verdict } = await explanation.conservation();
        return indices.map(() => verdict);
      },
    });
    expect((await all(read)).map(({ value }) => value)).toEqual(items.map(() => 'closed'));
  });

  test('hands tensors on to the caller', async () => {
    const before = tensorCount();
    const map = ({ inputs }: Explanation) => tf.unstack(at(inputs, 0).relevance);
    const results = await all(explainDataset(planned, items, { map }));
    expect(tensorCount()).toBe(before + items.length);
    expect(at(results, 3).value.shape).toEqual([4]);
    tf.dispose(results.map(({ value }) => value));
  });
});

describe('sources', () => {
  const relevanceOf = (results: readonly ItemResult[]) => results.map(({ value }) => value);
  const reference = () => all(explainDataset(planned, items, { batchSize: 4 })).then(relevanceOf);

  test('a generator that ends each tensor when asked for the next', async () => {
    const expected = await reference();
    function* oneByOne() {
      for (let index = 0; index < 11; index++) {
        const tensor = randomTensor([4], 100 + index);
        yield tensor;
        tensor.dispose();
      }
    }
    const before = tensorCount();
    expect(relevanceOf(await all(explainDataset(planned, oneByOne(), { batchSize: 4 })))).toEqual(expected);
    expect(tensorCount()).toBe(before);
  });

  test('an async generator', async () => {
    const expected = await reference();
    async function* slowly() {
      for (const item of items) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield item;
      }
    }
    expect(relevanceOf(await all(explainDataset(planned, slowly(), { batchSize: 4 })))).toEqual(expected);
  });

  test('a tf.data.Dataset, whose tensors are ended', async () => {
    const expected = await reference();
    const before = tensorCount();
    const { dataset } = lazyDataset(11);
    expect(relevanceOf(await all(explainDataset(planned, dataset, { batchSize: 4 })))).toEqual(expected);
    expect(tensorCount()).toBe(before);
  });

  test.each([
    [undefined, 'undefined'],
    [17, '17'],
    [{ a: 1 }, 'an object'],
  ])('%j is none', async (source, called) => {
    const error = await errorOf(() => all(explainDataset(planned, source as unknown as Iterable<Input>)));
    expect(error.message).toBe(
      `A dataset is something to read items from: received ${called}. Expected an iterable, an async iterable or a ` +
        'tf.data.Dataset of single samples; tf.unstack(batch) makes a list of a batch.',
    );
    expect(error.name).toBe('InputError');
  });
});

describe('progress', () => {
  test('counts items, with a total where there is one', async () => {
    const seen: (readonly [number, number, number | null])[] = [];
    const onProgress = ({ done, failed, total }: { done: number; failed: number; total: number | null }) => {
      seen.push([done, failed, total]);
    };
    await all(explainDataset(planned, items.slice(0, 3), { onProgress, batchSize: 2 }));
    await all(explainDataset(planned, new Set(items.slice(0, 2)), { onProgress }));
    await all(explainDataset(planned, items.slice(0, 1).values(), { onProgress }));
    await all(explainDataset(planned, lazyDataset(1, 1).dataset, { onProgress }));
    await all(explainDataset(planned, lazyDataset(1, Number.POSITIVE_INFINITY).dataset, { onProgress }));
    expect(seen).toEqual([
      [1, 0, 3],
      [2, 0, 3],
      [3, 0, 3],
      [1, 0, 2],
      [2, 0, 2],
      [1, 0, null],
      [1, 0, 1],
      [1, 0, null],
    ]);
  });

  test('a listener that throws ends the work', async () => {
    const onProgress = () => {
      throw new Error('mine');
    };
    expect((await errorOf(() => all(explainDataset(planned, items, { onProgress })))).message).toBe('mine');
  });
});
