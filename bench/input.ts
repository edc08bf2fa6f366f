import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { filled, randomNumbers } from './networks/random-weights.js';
import { RANGE } from './rules.js';

/** Random samples for the only input of a network, `[batch, ...]`. The caller's to dispose. */
export function inputFor(model: LayersModel, batch: number): tf.Tensor {
  const shape = [batch, ...(model.inputs[0]?.shape ?? []).slice(1).map((size) => size ?? 1)];
  return tf.tensor(filled(shape, RANGE[0], RANGE[1], randomNumbers(7)), shape);
}

/** One prediction, thrown away. */
export function predict(model: LayersModel, input: tf.Tensor): void {
  tf.dispose(model.predict(input));
}
