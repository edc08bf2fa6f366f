import * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';

/** A layer or model; attention and its like keep layers inside that `weights` does not list. */
type Holder = Pick<tfl.layers.Layer, 'weights' | 'getClassName'>;

/**
 * Runs something on the cpu backend, where tfjs itself is wrong on another one, or lacks a kernel.
 *
 * @param used Tensors and layers made before. Their values are read here: webgpu cannot hand them over on the spot.
 */
export async function onCpu<T>(run: () => T | Promise<T>, ...used: readonly (tf.Tensor | Holder)[]): Promise<T> {
  for (const tensor of used.flatMap((one) => (one instanceof tf.Tensor ? [one] : weightsOf(one)))) await tensor.data();
  const before = tf.getBackend();
  await tf.setBackend('cpu');
  try {
    return await run();
  } finally {
    await tf.setBackend(before);
  }
}

/** The layers inside an attention layer or a decoder that have weights. */
export function partsOf(layer: object): tfl.layers.Layer[] {
  const parts = Object.values(layer).filter(isLayer);
  return parts.flatMap((part) => (part.weights.length > 0 ? [part] : partsOf(part)));
}

function weightsOf(holder: Holder): tf.Tensor[] {
  const inner = 'layers' in holder && Array.isArray(holder.layers) ? holder.layers.filter(isLayer) : [];
  const layers = [holder, ...inner, ...[holder, ...inner].flatMap(partsOf)];
  return layers.flatMap((layer) => layer.weights.map((weight) => weight.read()));
}

function isLayer(value: unknown): value is tfl.layers.Layer {
  return typeof value === 'object' && value !== null && 'getClassName' in value && 'weights' in value;
}
