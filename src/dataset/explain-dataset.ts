import type { Plan } from '../explanation/plan.js';
import { explainBatch } from './explain-batch.js';
import { type Answer, goThrough } from './go-through.js';
import { holdItem, releaseItems } from './item.js';
import type { DatasetAnswer, DatasetOptions, ItemResult } from './options.js';
import type { DatasetSource } from './source.js';

/**
 * Explains a dataset, item by item and in its order, in constant memory: an item is read when it is needed, and its
 * explanation is disposed before the next batch begins. Neighbours of equal shapes are explained together.
 *
 * Nothing happens until the first result is asked for, and nothing runs ahead: at most `concurrency` batches have been
 * read and not been handed out, besides the one item that ended a batch by its other shape. Leaving the loop ends the work
 * and tells the source. An item's tensors may be disposed when the next one is asked for; those of a `tf.data.Dataset`
 * are disposed here, as tfjs itself does.
 *
 * @param source Samples without the batch axis: `tf.data.Dataset` before `.batch(...)`, a list, a generator, a stream.
 * @returns `{index, value}` for each item; the value is its relevance as plain data, or what `map` reads of the
 *   explanation. With `onError: 'report'` also `{index, error}`.
 * @throws ItemError naming the first item that cannot be explained, after all items before it have been handed out.
 * @throws AbortError when the signal fires or the time budget runs out. InputError when the source is none.
 *
 * @example
 * ```ts
 * for await (const { index, value } of explainDataset(plan, samples, { batchSize: 16 })) {
 *   console.log(index, value.unit, value.score, value.inputs[0].relevance);
 * }
 * ```
 */
export function explainDataset<const O extends DatasetOptions>(
  plan: Plan,
  source: DatasetSource,
  options: O,
): AsyncGenerator<DatasetAnswer<O>, void, undefined>;
export function explainDataset(plan: Plan, source: DatasetSource): AsyncGenerator<ItemResult, void, undefined>;
export async function* explainDataset(
  plan: Plan,
  source: DatasetSource,
  options: DatasetOptions = {},
): AsyncGenerator<Answer, void, undefined> {
  yield* goThrough(
    source,
    {
      hold: holdItem,
      release: releaseItems,
      run: (items, signal) => explainBatch(plan, items, options, signal),
    },
    options,
  );
}
