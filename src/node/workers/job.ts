// The worker's side: a model and a plan of its own, made with the first job.
import { workerData } from 'node:worker_threads';
import * as tf from '@tensorflow/tfjs-core';
import {
  type DatasetOptions,
  explainDataset,
  type Input,
  InputError,
  ItemError,
  type Plan,
  type PlanOptions,
  plan,
  type ReadBatch,
  type RulesInput,
} from '../../index.js';
import { startBackend } from '../backend.js';
import { loadModel } from '../load-model.js';
import { isPlain, tensorOf } from './plain.js';
import { type Job, packError, type Reply, type Setting, type WireAnswer } from './wire.js';

/** What a setup module may export, besides what it does when it is loaded. */
export interface WorkerSetup {
  /** Rules that cannot be sent to a worker, such as functions. */
  readonly rules?: RulesInput;
  /** Options of the plan, such as a registry with adapters of one's own. */
  readonly planOptions?: PlanOptions;
  /** What is read of each batch's explanation instead of the relevance of the inputs; its values must be plain data. */
  readonly map?: ReadBatch<unknown>;
}

interface Ready {
  readonly plan: Plan;
  readonly map: ReadBatch<unknown> | undefined;
}

const ready = once(async (): Promise<Ready> => {
  const { model, backend, setup, rules, planOptions } = workerData as Setting; // Set by the pool of this module's pair.
  await startBackend(backend);
  const own: WorkerSetup = setup === null ? {} : await loadSetup(setup);
  const loaded = await loadModel(model);
  return { plan: plan(loaded, rules ?? own.rules, { ...planOptions, ...own.planOptions }), map: own.map };
});

/** Explains a batch. Never rejects: a worker that does has crashed. */
export async function explainJob(job: Job): Promise<Reply> {
  try {
    const answers = await answersOf(await ready(), job);
    // What the work left behind that ends the thread must do so before the answer, or the next job is blamed for it.
    await new Promise((resolve) => setImmediate(resolve));
    return { answers };
  } catch (error) {
    return { failure: packError(error) };
  }
}

async function answersOf(prepared: Ready, job: Job): Promise<WireAnswer[]> {
  const answers: WireAnswer[] = [];
  const { map } = prepared;
  const results = explainDataset(prepared.plan, samplesOf(job), { ...optionsOf(job), ...(map ? { map } : {}) });
  try {
    for await (const { index, value, error } of results) {
      answers.push(error ? { index, cause: packError(error.cause) } : { index, value: sendable(value, map) });
    }
  } catch (error) {
    if (!(error instanceof ItemError)) throw error;
    answers.push({ index: error.index, cause: packError(error.cause) });
  }
  return answers;
}

function optionsOf({ items, firstIndex, units, target, start, check, onError }: Job): DatasetOptions {
  return {
    batchSize: items.length,
    firstIndex,
    check,
    onError,
    ...(target === undefined ? {} : { target }),
    ...(start === undefined ? {} : { start }),
    ...(units === null ? {} : { targetOf: (index: number) => units[index - firstIndex] ?? Number.NaN }),
  };
}

/** Tensors of the items, ended when the next is asked for. What is no input is refused by the plan. */
function* samplesOf({ items }: Job): Generator<Input> {
  for (const item of items) {
    const made: tf.Tensor[] = [];
    const tensor = (value: unknown) => {
      if (!isPlain(value)) return value;
      const one = tensorOf(value);
      made.push(one);
      return one;
    };
    try {
      yield (isPlain(item) ? tensor(item) : eachOf(item, tensor)) as Input;
    } finally {
      tf.dispose(made);
    }
  }
}

function eachOf(item: unknown, change: (value: unknown) => unknown): unknown {
  if (Array.isArray(item)) return item.map(change);
  if (typeof item !== 'object' || item === null) return item;
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, change(value)]));
}

/** @throws InputError for values of the caller's own that a thread cannot send. */
function sendable(value: unknown, map: ReadBatch<unknown> | undefined): unknown {
  if (!map) return value;
  try {
    return structuredClone(value);
  } catch (cause) {
    throw new InputError(
      `A value that map of the setup module answered cannot be sent: ${messageOf(cause)}. Answer plain data, such as typed arrays.`,
    );
  }
}

async function loadSetup(url: string): Promise<WorkerSetup> {
  return import(url).catch((cause: unknown) => {
    throw new InputError(`The setup module ${url} cannot be loaded: ${messageOf(cause)}`);
  });
}

/** Failures are kept, too: what went wrong once goes wrong again. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  const made: Promise<T>[] = [];
  return () => {
    const known = made[0] ?? make();
    if (made.length === 0) made.push(known);
    return known;
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
