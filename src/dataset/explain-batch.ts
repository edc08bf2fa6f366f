import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../errors.js';
import type { Plan } from '../explanation/plan.js';
import type { PlacedTarget, Target, UnitIndex } from '../propagate/target.js';
import type { Answer } from './go-through.js';
import { batchOf, type Item, shapesOf } from './item.js';
import { concernsItem, ItemError } from './item-error.js';
import { readRelevance } from './item-relevance.js';
import type { DatasetOptions, FailedItem, ItemResult } from './options.js';

/** The caller's own function failed: that is no trouble of an item. */
class ReadFailure {
  constructor(readonly cause: unknown) {}
}

/**
 * Explains a batch. Where that fails each item is explained alone, so that only the culprit fails; with
 * `onError: 'throw'` the last answer is the first failure.
 *
 * @throws whatever is not the trouble of one item.
 */
export async function explainBatch(
  plan: Plan,
  items: readonly Item[],
  options: DatasetOptions,
  signal: AbortSignal,
): Promise<Answer[]> {
  const answer = (some: readonly Item[]) => together(plan, some, options, signal);
  return answer(items).catch((error: unknown) => {
    if (error instanceof ReadFailure) throw error.cause;
    if (!concernsItem(error)) throw error;
    const [first, ...others] = items;
    // A batch of one need not be tried again.
    return first && others.length === 0 ? [failed(first, error)] : oneByOne(items, answer, options.onError);
  });
}

async function oneByOne(
  items: readonly Item[],
  answer: (some: readonly Item[]) => Promise<Answer[]>,
  onError: DatasetOptions['onError'],
): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const item of items) {
    const one = await answer([item]).catch((error: unknown) => {
      if (error instanceof ReadFailure) throw error.cause;
      if (!concernsItem(error)) throw error;
      return [failed(item, error)];
    });
    answers.push(...one);
    if (onError !== 'report' && one.some(({ error }) => error)) break;
  }
  return answers;
}

function failed(item: Item, error: unknown): FailedItem {
  const shapes = shapesOf(item);
  if (!(error instanceof InputError) || !shapes) return { index: item.index, error: new ItemError(item.index, error) };
  // The plan was given a batch of one, which has an axis more than the item.
  const cause = new InputError(`${error.message} The item is ${shapes}; items come without the batch axis.`);
  return { index: item.index, error: new ItemError(item.index, cause) };
}

async function together(
  plan: Plan,
  items: readonly Item[],
  options: DatasetOptions,
  signal: AbortSignal,
): Promise<ItemResult<unknown>[]> {
  const { input, made } = batchOf(items);
  const indices = items.map(({ index }) => index);
  try {
    const explanation = await plan.explainAsync(input, { ...explainOptions(options, indices), signal });
    try {
      const values = await read(options, () => (options.map ?? readRelevance)(explanation, { indices }), items.length);
      return items.map(({ index }, position) => ({ index, value: values[position] }));
    } finally {
      explanation.dispose();
    }
  } finally {
    tf.dispose([...made]);
  }
}

/** Without a function of the caller's only inputs are read, so nothing else is kept. */
function explainOptions(options: DatasetOptions, indices: readonly number[]) {
  const { start, check = false, targetOf } = options;
  const target = targetOf ? withUnits(options.target, indices.map(targetOf)) : options.target;
  return {
    keep: options.keep ?? (options.map ? 'layers' : 'inputs'),
    ledger: options.ledger ?? (check || options.map !== undefined),
    check,
    ...(target === undefined ? {} : { target }),
    ...(start === undefined ? {} : { start }),
  } as const;
}

function withUnits(target: Target | undefined, units: readonly (number | UnitIndex)[]): PlacedTarget {
  const unit = units as readonly number[] | readonly UnitIndex[]; // A mixture is refused where the target is read.
  if (target === undefined) return { unit };
  const placed = typeof target === 'object' && !Array.isArray(target) && ('output' in target || 'layer' in target);
  if (placed && (target as PlacedTarget).unit === undefined) return { ...(target as PlacedTarget), unit };
  throw new InputError('targetOf names the units. Leave target out, or give only its place: {output} or {layer}.');
}

async function read(
  { map }: DatasetOptions,
  values: () => readonly unknown[] | Promise<readonly unknown[]>,
  count: number,
): Promise<readonly unknown[]> {
  try {
    const answer = await values();
    if (answer.length === count) return answer;
    throw new InputError(
      `map answered ${answer.length} values for a batch of ${count}. Answer one per sample, in the order of the batch axis.`,
    );
  } catch (error) {
    throw map ? new ReadFailure(error) : error;
  }
}
