import * as tf from '@tensorflow/tfjs-core';
import type { HeldItem } from '../../index.js';
import { plainOf } from './plain.js';

/** An item on its way to a worker. */
export interface WorkerItem extends HeldItem {
  /** What the source gave, with handles of our own in place of its tensors. */
  readonly content: unknown;
  readonly tensors: readonly tf.Tensor[];
}

/** Holds an item until its answer is there. A batch may hold items of any shape: the worker sorts them out. */
export function holdItem(index: number, given: unknown, owned: boolean): WorkerItem {
  const tensors: tf.Tensor[] = [];
  const content = changed(given, (tensor) => {
    const held = tf.clone(tensor);
    tensors.push(held);
    if (owned) tensor.dispose();
    return held;
  });
  return { index, key: '', content, tensors };
}

/** Ends the handles of items. */
export function releaseItems(items: readonly WorkerItem[]): void {
  for (const { tensors } of items) tf.dispose([...tensors]);
}

/** The item as plain data. */
export async function contentOf({ content, tensors }: WorkerItem): Promise<unknown> {
  const plain = new Map(await Promise.all(tensors.map(async (tensor) => [tensor, await plainOf(tensor)] as const)));
  return changed(content, (tensor) => plain.get(tensor));
}

function changed(item: unknown, change: (tensor: tf.Tensor) => unknown): unknown {
  const one = (value: unknown) => (value instanceof tf.Tensor && !value.isDisposed ? change(value) : value);
  if (item instanceof tf.Tensor) return one(item);
  if (Array.isArray(item)) return item.map(one);
  if (typeof item !== 'object' || item === null || ArrayBuffer.isView(item)) return item;
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, one(value)]));
}
