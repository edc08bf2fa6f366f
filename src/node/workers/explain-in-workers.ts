import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Answer, goThrough, InputError, ItemError, type ItemRelevance, RuleError } from '../../index.js';
import { modelPath } from '../file-system.js';
import { contentOf, holdItem, releaseItems, type WorkerItem } from './item.js';
import type { WorkerOptions, WorkerReports, WorkerResults, WorkerSource } from './options.js';
import { WorkerCrash, WorkerPool } from './pool.js';
import { type Job, type Reply, type Setting, unpackError, type WireAnswer } from './wire.js';

const MOST_WORKERS = 8;
/** Batches per worker: one at work and one that lies ready. */
const AHEAD = 2;

/**
 * Explains a dataset on several cores: as {@link index.explainDataset}, with worker threads that each load the model and
 * make a plan of their own. Results come in the order of the dataset, as plain data, and are the same to the last bit as
 * those of the same batches in one thread.
 *
 * When a worker crashes, another takes its place, and each item that the crashed one held is tried once more, alone; an
 * item that crashes a worker twice has failed. At most two batches per worker have been read and not been handed out.
 * Workers start with the first result that is asked for and end with the last one, or when the loop is left.
 *
 * @param model Folder with `model.json`, or the path of such a file.
 * @returns `{index, value}` for each item; the value is an {@link index.ItemRelevance}, or what `map` of the setup module
 *   answers: say its type, `explainDatasetInWorkers<MyValue>(...)`. With `onError: 'report'` also `{index, error}`.
 * @throws ItemError naming the first item that cannot be explained, after all items before it have been handed out.
 * @throws InputError, PlanError, RuleError when model, setup, rules or backend do not work out. AbortError.
 */
export function explainDatasetInWorkers<T = ItemRelevance>(
  model: string,
  source: WorkerSource,
  options: WorkerOptions & { readonly onError: 'report' },
): WorkerReports<T>;
export function explainDatasetInWorkers<T = ItemRelevance>(
  model: string,
  source: WorkerSource,
  options?: WorkerOptions,
): WorkerResults<T>;
export async function* explainDatasetInWorkers(
  model: string,
  source: WorkerSource,
  options: WorkerOptions = {},
): AsyncGenerator<Answer, void, undefined> {
  const workers = options.workers ?? Math.min(availableParallelism(), MOST_WORKERS);
  if (!Number.isInteger(workers) || workers < 1) {
    throw new InputError(`workers is ${workers}. Expected a whole number from 1 up.`);
  }
  const pool = new WorkerPool(await settingOf(model, options), workers, options.execArgv);
  const work = {
    hold: holdItem,
    release: releaseItems,
    run: (items: readonly WorkerItem[], signal: AbortSignal) => explainItems(pool, items, options, signal),
  };
  try {
    yield* goThrough(source, work, { ...options, concurrency: AHEAD * workers });
  } finally {
    await pool.destroy();
  }
}

/** @throws RuleError or InputError for what cannot be sent to a worker. */
async function settingOf(model: string, options: WorkerOptions): Promise<Setting> {
  const { rules, planOptions = {}, backend = 'wasm', setup } = options;
  const setting: Setting = {
    model: resolve(await modelPath(model)),
    backend,
    setup: setup === undefined ? null : urlOf(setup),
    rules,
    planOptions,
  };
  const { target, start } = options;
  try {
    structuredClone({ setting, target, start });
    return setting;
  } catch (cause) {
    throw new RuleError(
      `Rules, plan options or target cannot be sent to a worker: ${cause instanceof Error ? cause.message : cause}. ` +
        'Name a preset, or export {rules, planOptions} from a module and give its path as setup.',
      'workers',
    );
  }
}

function urlOf(module: string | URL): string {
  if (module instanceof URL) return module.href;
  return /^(file|data|node):/.test(module) ? module : pathToFileURL(resolve(module)).href;
}

async function explainItems(
  pool: WorkerPool,
  items: readonly WorkerItem[],
  options: WorkerOptions,
  signal: AbortSignal,
): Promise<readonly Answer[]> {
  const run = async (some: readonly WorkerItem[]) => pool.run(await jobOf(some, options), signal);
  const first = await run(items).catch(crashed);
  if (!(first instanceof WorkerCrash)) return answersOf(first);
  const answers: Answer[] = [];
  for (const item of items) {
    const again = await run([item]).catch(crashed);
    answers.push(...(again instanceof WorkerCrash ? [lost(item, again)] : answersOf(again)));
    if (options.onError !== 'report' && answers.at(-1)?.error) break;
  }
  return answers;
}

async function jobOf(items: readonly WorkerItem[], options: WorkerOptions): Promise<Job> {
  const { target, start, targetOf, check = false, onError = 'throw' } = options;
  return {
    items: await Promise.all(items.map(contentOf)),
    firstIndex: items[0]?.index ?? 0,
    units: targetOf ? items.map(({ index }) => targetOf(index)) : null,
    target,
    start,
    check,
    onError,
  };
}

/** A worker answers even when an explanation fails; only one that ended does not. */
function crashed(error: unknown): WorkerCrash {
  if (error instanceof WorkerCrash) return error;
  throw error;
}

function lost({ index }: WorkerItem, crash: WorkerCrash): Answer {
  return {
    index,
    error: new ItemError(
      index,
      new Error(`its worker ended, and ended again when it was tried alone (${crash.message}).`),
    ),
  };
}

function answersOf(reply: Reply): readonly Answer[] {
  if ('failure' in reply) throw unpackError(reply.failure);
  return reply.answers.map(answerOf);
}

function answerOf(answer: WireAnswer): Answer {
  if ('value' in answer) return answer;
  return { index: answer.index, error: new ItemError(answer.index, unpackError(answer.cause)) };
}
