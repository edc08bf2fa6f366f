// One number per pixel, and how a relevance tensor becomes that.
import * as tf from '@tensorflow/tfjs-core';

/** Values row by row. */
export interface Plane {
  readonly width: number;
  readonly height: number;
  readonly values: Float32Array;
}

/** Sums the channels of a [1, height, width, channels] tensor: what a pixel earned is what its channels earned together. */
export async function poolChannels(relevance: tf.Tensor): Promise<Plane> {
  const [batch, height, width] = relevance.shape;
  if (relevance.rank !== 4 || batch !== 1 || !height || !width) {
    throw new Error(`Relevance of one picture expected, [1, height, width, channels]; got [${relevance.shape}].`);
  }
  const pooled = tf.sum(relevance, -1);
  const values = Float32Array.from(await pooled.data());
  pooled.dispose();
  return { width, height, values };
}
