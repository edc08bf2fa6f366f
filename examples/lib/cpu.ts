import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';

/** Starts the cpu backend, for training what has no gradient on wasm, such as an embedding. */
export async function useCpu(): Promise<void> {
  tf.enableProdMode();
  if (!(await tf.setBackend('cpu'))) throw new Error('The cpu backend of TensorFlow.js did not start.');
}
