import * as tf from '@tensorflow/tfjs-core';
import type { Input } from '../propagate/inputs.js';
import { formatShape } from '../tensors/shape.js';

/** One item of the dataset, held until it has been explained. */
export interface Item {
  /** Position in the dataset. */
  readonly index: number;
  /** What the source gave. */
  readonly given: unknown;
  /** Input names of a record, sorted; null for a tensor or a list. */
  readonly names: readonly string[] | null;
  /** Our own handles of its tensors: the source may end its own when asked for the next item. Empty: not to be explained. */
  readonly tensors: readonly tf.Tensor[];
  /** Items of the same key can be explained together. */
  readonly key: string;
}

/** Holds an item; with `owned` also ends the tensors it came with. */
export function holdItem(index: number, given: unknown, owned: boolean): Item {
  const names = namesOf(given);
  const values = names ? names.map((name) => (given as Readonly<Record<string, unknown>>)[name]) : listOf(given);
  // Of anything else the plan itself says what is wrong with it.
  if (!values.every(isAlive)) return { index, given, names, tensors: [], key: `item ${index}` };
  const tensors = values.map((tensor) => tf.clone(tensor));
  if (owned) tf.dispose([...values]);
  const shapes = values.map((tensor) => `${tensor.dtype}[${tensor.shape}]`);
  return { index, given, names, tensors, key: `${names?.join() ?? typeof given} ${Array.isArray(given)} ${shapes}` };
}

/** The shapes an item came with, for messages. */
export function shapesOf({ tensors }: Item): string {
  return tensors.map(({ shape }) => formatShape(shape)).join(', ');
}

/** Ends the handles of items. */
export function releaseItems(items: readonly Item[]): void {
  for (const { tensors } of items) tf.dispose([...tensors]);
}

/** One batch of items with the same key: the input of the model, and the tensors made for it, which the caller ends. */
export function batchOf(items: readonly Item[]): { readonly input: Input; readonly made: readonly tf.Tensor[] } {
  const [first] = items;
  // What is no tensor goes to the plan as it came and is refused there.
  if (!first || first.tensors.length === 0) return { input: first?.given as Input, made: [] };
  const made = tf.tidy(() =>
    first.tensors.map((_, position) => tf.stack(items.flatMap(({ tensors }) => tensors[position] ?? []))),
  );
  return { input: inputOf(first, made), made };
}

function inputOf({ given, names }: Item, made: readonly tf.Tensor[]): Input {
  if (names) return Object.fromEntries(names.flatMap((name, index) => (made[index] ? [[name, made[index]]] : [])));
  return Array.isArray(given) ? made : (made[0] as tf.Tensor); // A lone tensor makes one.
}

function namesOf(given: unknown): string[] | null {
  if (typeof given !== 'object' || given === null || Array.isArray(given) || given instanceof tf.Tensor) return null;
  return Object.keys(given).sort();
}

function listOf(given: unknown): readonly unknown[] {
  return Array.isArray(given) ? given : [given];
}

function isAlive(value: unknown): value is tf.Tensor {
  return value instanceof tf.Tensor && !value.isDisposed;
}
