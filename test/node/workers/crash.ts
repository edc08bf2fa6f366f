// A setup module with an adapter that its worker does not survive for some items, which it tells by their first number.
import type * as tf from '@tensorflow/tfjs-core';
import { defaultRegistry, elementwise, type LayerAdapter } from '../../../src/index.js';

const watched: LayerAdapter = (call, to) => {
  const edge = to.add(elementwise('watch', watch), to.inputs, 'watch');
  const dense = defaultRegistry.resolve(call);
  dense?.(call, { ...to, inputs: [edge] });
};

export const planOptions = { registry: defaultRegistry.with('hidden', watched) };

function watch(x: tf.Tensor): tf.Tensor {
  const numbers = x.dataSync();
  if (numbers.includes(1e6)) process.exit(7);
  if (numbers.includes(2e6)) {
    queueMicrotask(() => {
      throw new Error('nobody catches this');
    });
  }
  if (numbers.includes(4e6)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100_000);
  if (numbers.includes(5e6)) throw new Error('the step failed');
  return x.clone();
}
