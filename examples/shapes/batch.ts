import * as tf from '@tensorflow/tfjs-core';
import type { Random } from './canvas.js';
import { generate, type Sample, side } from './generate.js';
import { labels } from './outlines.js';

/** Pictures [count, side, side, 3] in -1 to 1 and their classes, one-hot [count, classes]. The caller disposes both. */
export interface Batch {
  readonly pictures: tf.Tensor4D;
  readonly classes: tf.Tensor2D;
}

/** The next `count` samples of a random source. */
export function samples(count: number, random: Random): Sample[] {
  return Array.from({ length: count }, () => generate(random));
}

/** Samples as the tensors that the training takes. */
export function batch(drawn: readonly Sample[]): Batch {
  const positions = drawn.map(({ label }) => label);
  return tf.tidy(() => ({
    pictures: inputsOf(drawn),
    classes: tf.oneHot(tf.tensor1d(positions, 'int32'), labels.length) as tf.Tensor2D,
  }));
}

/** What the network takes, `[count, side, side, 3]` in -1 to 1. The caller disposes it. */
export function inputsOf(drawn: readonly Pick<Sample, 'pixels'>[]): tf.Tensor4D {
  const values = new Float32Array(drawn.length * side * side * 3);
  for (const [i, { pixels }] of drawn.entries()) {
    values.set(
      Float32Array.from(pixels, (byte) => byte / 127.5 - 1),
      i * pixels.length,
    );
  }
  return tf.tensor4d(values, [drawn.length, side, side, 3]);
}
