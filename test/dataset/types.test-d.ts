import { expectTypeOf, test } from 'vitest';
import {
  type DatasetOptions,
  explainDataset,
  type FailedItem,
  type Input,
  type ItemRelevance,
  type ItemResult,
  type Plan,
} from '../../src/index.js';

type Results<T> = AsyncGenerator<T, void, undefined>;

declare const plan: Plan;
declare const items: Input[];
declare const options: DatasetOptions;

test('failures are handed out only where they are reported', () => {
  expectTypeOf(explainDataset(plan, items)).toEqualTypeOf<Results<ItemResult<ItemRelevance>>>();
  const thrown = explainDataset(plan, items, { onError: 'throw', batchSize: 2 });
  expectTypeOf(thrown).toEqualTypeOf<Results<ItemResult<ItemRelevance>>>();
  const reported = explainDataset(plan, items, { onError: 'report' });
  expectTypeOf(reported).toEqualTypeOf<Results<ItemResult<ItemRelevance> | FailedItem>>();
});

test('the value is what map answers', () => {
  const mapped = explainDataset(plan, items, { map: async (_, { indices }) => indices.map((index) => `${index}`) });
  expectTypeOf(mapped).toEqualTypeOf<Results<ItemResult<string>>>();
  const both = explainDataset(plan, items, { map: () => [1, 2], onError: 'report' });
  expectTypeOf(both).toEqualTypeOf<Results<ItemResult<number> | FailedItem>>();
});

test('options that are not known promise nothing', () => {
  expectTypeOf(explainDataset(plan, items, options)).toEqualTypeOf<Results<ItemResult<unknown> | FailedItem>>();
});

test('sources', () => {
  expectTypeOf(explainDataset).parameter(1).extract<Iterable<Input>>().not.toBeNever();
  // @ts-expect-error a number holds no items
  void explainDataset(plan, 5);
  // @ts-expect-error texts are no inputs
  void explainDataset(plan, ['a']);
});
