import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../index.js';
import { firstLine, loadPackage } from './load-package.js';

/** Backends that run in Node with nothing but npm. */
export type NodeBackend = 'wasm' | 'cpu';

/**
 * Starts a TensorFlow.js backend in this process (or worker) and makes it the one in use.
 *
 * @throws InputError when its package is not installed, or it does not start.
 */
export async function startBackend(name: NodeBackend): Promise<void> {
  const known = `@tensorflow/tfjs-backend-${name}`;
  if (name !== 'wasm' && name !== 'cpu') {
    throw new InputError(`There is no backend "${String(name)}" for Node. Expected wasm or cpu.`);
  }
  // tfjs says otherwise in a banner that another package would be faster in Node.
  tf.enableProdMode();
  await loadPackage(known).catch((cause: Error) => {
    throw new InputError(`The ${name} backend is not installed (${firstLine(cause)}). Run: npm install ${known}`);
  });
  const started = await tf.setBackend(name);
  if (!started) throw new InputError(`The ${name} backend of TensorFlow.js did not start. Try another one.`);
}
