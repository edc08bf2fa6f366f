import * as tf from '@tensorflow/tfjs-core';

/**
 * Largest sum of the bytes of all tensors alive while some work runs, noted by tfjs' profiler after every kernel. What the
 * work answers is disposed.
 */
export async function peakBytesOf(work: () => { dispose(): void }): Promise<number> {
  const profile = await tf.profile(() => {
    work().dispose();
    return tf.scalar(0);
  });
  tf.dispose(profile.result);
  return profile.peakBytes;
}
