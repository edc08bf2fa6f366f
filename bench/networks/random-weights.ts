import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * Gives every weight random values that keep activations of the order of 1: kernels as He et al. 2015 (uniform), biases
 * and batch-norm statistics small but never trivial. The same seed gives the same network.
 */
export function setRandomWeights(model: LayersModel, seed = 1): void {
  const random = randomNumbers(seed);
  for (const layer of model.layers) {
    if (layer.weights.length === 0) continue;
    const values = layer.weights.map(({ originalName, shape }) => {
      const sizes = shape.map((size) => size ?? 1);
      const [low, high] = rangeOf(originalName, sizes);
      return tf.tensor(filled(sizes, low, high, random), sizes);
    });
    layer.setWeights(values);
    tf.dispose(values);
  }
}

/** Where the values of a weight lie, told by the end of its name. */
function rangeOf(name: string, shape: readonly number[]): readonly [low: number, high: number] {
  const end = name.slice(name.lastIndexOf('/') + 1);
  if (end === 'gamma' || end === 'moving_variance') return [0.6, 1.4];
  if (!end.endsWith('kernel')) return [-0.1, 0.1];
  const inputs = shape.slice(0, -1).reduce((product, size) => product * size, 1);
  const fanIn = end === 'depthwise_kernel' ? (shape[0] ?? 1) * (shape[1] ?? 1) : inputs;
  const reach = Math.sqrt(6 / fanIn);
  return [-reach, reach];
}

/** Uniform numbers in a new array. */
export function filled(shape: readonly number[], low: number, high: number, random: () => number): Float32Array {
  const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
  for (let index = 0; index < values.length; index++) values[index] = low + (high - low) * random();
  return values;
}

/** Numbers in [0, 1), by Marsaglia's xorshift. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
