import type * as tf from '@tensorflow/tfjs-core';

/** The numbers of a tensor, one list per sample of the batch. */
export async function rowsOf(tensor: tf.Tensor): Promise<number[][]> {
  const [count = 0] = tensor.shape;
  const values = [...(await tensor.data())];
  const size = values.length / count;
  return Array.from({ length: count }, (_, index) => values.slice(index * size, (index + 1) * size));
}
