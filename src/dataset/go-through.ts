import { InputError } from '../errors.js';
import { Batches } from './batches.js';
import type { DatasetDrive, FailedItem, ItemResult } from './options.js';
import { type ItemReader, openSource } from './source.js';
import { Stop } from './stop.js';

/** What became of an item, whatever was read of its explanation. */
export type Answer = ItemResult<unknown> | FailedItem;

/** An item while it is worked on. */
export interface HeldItem {
  /** Position in the dataset. */
  readonly index: number;
  /** Neighbours of the same key make a batch. */
  readonly key: string;
}

/** What is done with the items of a dataset. */
export interface DatasetWork<I extends HeldItem> {
  /** Takes what the source gave; `owned` says that nobody else ends its tensors. */
  readonly hold: (index: number, given: unknown, owned: boolean) => I;
  /** Lets go of items; called once for each. */
  readonly release: (items: readonly I[]) => void;
  /** One answer per item, in order; after a failure the rest may be missing where failures are thrown. */
  readonly run: (items: readonly I[], signal: AbortSignal) => Promise<readonly Answer[]>;
}

const BATCH_SIZE = 8;

/**
 * Goes through a dataset in order and constant memory, whatever is done with the items: reads them when they are needed,
 * makes batches of neighbours, works on up to `concurrency` batches at a time, reports progress, and stops when told to.
 *
 * @throws AbortError, ItemError, InputError, and what the source or the work throws; nothing is left held.
 */
export async function* goThrough<I extends HeldItem>(
  source: unknown,
  work: DatasetWork<I>,
  options: DatasetDrive,
): AsyncGenerator<Answer, void, undefined> {
  const batchSize = wholeNumber('batchSize', options.batchSize ?? BATCH_SIZE);
  const concurrency = wholeNumber('concurrency', options.concurrency ?? 1);
  const stop = new Stop(options.signal, options.timeBudget);
  let reader: ItemReader | null = null;
  let batches: Batches<I> | null = null;
  let running: Promise<readonly Answer[]>[] = [];
  let failed = 0;
  // What the source throws is told when all items before that have been handed out.
  const failures: unknown[] = [];
  try {
    stop.check();
    reader = await openSource(source);
    batches = new Batches(reader, work, batchSize, stop, options.firstIndex ?? 0);
    for (let ended = false; ; ) {
      while (!ended && running.length < concurrency) {
        const items = await batches.next().catch((error: unknown) => {
          failures.push(error);
          return null;
        });
        if (items) running = [...running, begin(items, work, stop.signal)];
        else ended = true;
      }
      const [first, ...others] = running;
      if (!first && failures.length > 0) throw failures[0];
      if (!first) return;
      const answers = await first;
      running = others;
      for (const answer of answers) {
        stop.check();
        if (answer.error && options.onError !== 'report') throw answer.error;
        stop.done += 1;
        if (answer.error) failed += 1;
        options.onProgress?.({ done: stop.done, failed, total: reader.total });
        yield answer;
      }
    }
  } catch (error) {
    // What fails after a stop fails because of it.
    throw stop.stopped ? stop.error() : error;
  } finally {
    stop.close();
    await Promise.allSettled(running);
    batches?.release();
    await leave(reader, stop.stopped);
  }
}

function begin<I extends HeldItem>(
  items: readonly I[],
  work: DatasetWork<I>,
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const running = work.run(items, signal).finally(() => work.release(items));
  // Somebody waits for it later, for which Node would not wait before it complains.
  running.catch(() => {});
  return running;
}

/** A source that kept a stopped run waiting would keep its end waiting, too. */
async function leave(reader: ItemReader | null, stopped: boolean): Promise<void> {
  const closed = reader?.close();
  if (stopped) closed?.catch(() => {});
  else await closed;
}

function wholeNumber(name: string, value: number): number {
  if (Number.isInteger(value) && value > 0) return value;
  throw new InputError(`${name} is ${value}. Expected a whole number from 1 up.`);
}
