// A small model with stated weights, items for it, and ways to go through results.
import type * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { randomizeWeights, randomTensor } from '../explanation/tools.js';

/** Four numbers in, three classes out. */
export function classifier(): tfl.Sequential {
  const model = tfl.sequential({
    name: 'classifier',
    layers: [
      tfl.layers.dense({ units: 6, activation: 'relu', inputShape: [4], name: 'hidden' }),
      tfl.layers.dense({ units: 3, activation: 'softmax', name: 'classes' }),
    ],
  });
  randomizeWeights(model, 3);
  return model;
}

/** Pictures of any size: items whose shapes differ. */
export function anySize(): tfl.Sequential {
  const model = tfl.sequential({
    name: 'any-size',
    layers: [
      tfl.layers.conv2d({ filters: 3, kernelSize: 2, activation: 'relu', inputShape: [null, null, 1], name: 'conv' }),
      tfl.layers.globalAveragePooling2d({ name: 'pool' }),
      tfl.layers.dense({ units: 2, name: 'head' }),
    ],
  });
  randomizeWeights(model, 4);
  return model;
}

/** `count` samples of four numbers; the caller's to dispose. */
export function samples(count: number): tf.Tensor[] {
  return Array.from({ length: count }, (_, index) => randomTensor([4], 100 + index));
}

/** All that an iterator hands out. */
export async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const result of results) list.push(result);
  return list;
}

/**
 * What a `tf.data.Dataset` does: an iterator on demand, new tensors for each item, which whoever reads them has to end.
 */
export function lazyDataset(count: number, size: number | null = null) {
  const state = { read: 0 };
  const iterator = async () => ({
    next: async (): Promise<IteratorResult<unknown>> => {
      if (state.read === count) return { done: true, value: null };
      return { done: false, value: randomTensor([4], 100 + state.read++) };
    },
  });
  return { state, dataset: { iterator, size } };
}
