import { InputError } from '../errors.js';
import type { Input } from '../propagate/inputs.js';

/** Items of a {@link LazyDataset}, one after the other. */
export interface LazyItems {
  /** The next item; whoever asks for it ends its tensors. */
  next(): Promise<IteratorResult<unknown, unknown>>;
}

/** What a `tf.data.Dataset` offers, as far as it is used here. */
export interface LazyDataset {
  /** Starts over from the first item. */
  iterator(): Promise<LazyItems>;
  /** Number of items, where it is known. */
  readonly size?: number | null;
}

/**
 * Where the items come from: any iterable or async iterable (a list, a generator, a stream), or a `tf.data.Dataset` whose
 * elements are model inputs. Each item is one sample without the batch axis: a tensor, a list of tensors in the order of
 * the model's inputs, or a record by input name.
 */
export type DatasetSource = Iterable<Input> | AsyncIterable<Input> | LazyDataset;

/** Reads a source item by item. */
export interface ItemReader {
  /** How many items there are, or null when the source does not say. */
  readonly total: number | null;
  /** True when nobody else ends the items' tensors. */
  readonly ownsItems: boolean;
  next(): Promise<IteratorResult<unknown, unknown>>;
  /** Tells the source that no more items are wanted. */
  close(): Promise<void>;
}

/** @throws InputError when the source cannot be read item by item. */
export async function openSource(source: unknown): Promise<ItemReader> {
  if (isAsyncIterable(source)) return readerOf(source[Symbol.asyncIterator](), sizeOf(source), false);
  if (isIterable(source)) return readerOf(source[Symbol.iterator](), sizeOf(source), false);
  // tfjs disposes what a dataset yields once it has been used, and so is it done here.
  if (isLazyDataset(source)) return readerOf(await source.iterator(), sizeOf(source), true);
  throw new InputError(
    `A dataset is something to read items from: received ${describe(source)}. Expected an iterable, an async iterable or a ` +
      'tf.data.Dataset of single samples; tf.unstack(batch) makes a list of a batch.',
  );
}

function isAsyncIterable(source: unknown): source is AsyncIterable<unknown> {
  return isObject(source) && isFunction(source[Symbol.asyncIterator]);
}

function isIterable(source: unknown): source is Iterable<unknown> {
  return isObject(source) && isFunction(source[Symbol.iterator]);
}

type AnyIterator = Pick<Iterator<unknown> | AsyncIterator<unknown>, 'return'> & {
  next(): IteratorResult<unknown, unknown> | Promise<IteratorResult<unknown, unknown>>;
};

function readerOf(iterator: AnyIterator, total: number | null, ownsItems: boolean): ItemReader {
  let finished = false;
  return {
    total,
    ownsItems,
    next: async () => {
      const next = await iterator.next();
      if (next.done) finished = true;
      return next;
    },
    close: async () => {
      if (!finished) await iterator.return?.();
      finished = true;
    },
  };
}

function sizeOf(source: object): number | null {
  const known = source as { readonly length?: unknown; readonly size?: unknown };
  const size = known.length ?? known.size;
  return typeof size === 'number' && Number.isInteger(size) && size >= 0 ? size : null;
}

function isLazyDataset(source: unknown): source is LazyDataset {
  return isObject(source) && isFunction(source.iterator);
}

function isObject(value: unknown): value is Readonly<Record<PropertyKey, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function describe(source: unknown): string {
  if (typeof source !== 'object' || source === null) return String(source);
  const name = source.constructor?.name ?? 'an object';
  return name === 'Object' ? 'an object' : `a ${name}`;
}
