import type * as tf from '@tensorflow/tfjs-core';
import { at } from './conv-geometry.js';

/** Padding of a plane `[b, h, w, c]` as tfjs takes it, from what its two axes need before and after. */
export function planePad(axes: readonly { before: number; after: number }[]): PlanePad {
  const [vertical, horizontal] = [at(axes, 0), at(axes, 1)];
  return [
    [0, 0],
    [vertical.before, vertical.after],
    [horizontal.before, horizontal.after],
    [0, 0],
  ];
}

/** Zeros before and after each axis of a plane. */
export type PlanePad = [[number, number], [number, number], [number, number], [number, number]];

/** A tensor known to be `[b, h, w, c]`, or a kernel of two axes, as the type that tfjs wants. */
export function asPlanes(x: tf.Tensor): tf.Tensor4D {
  if (x.rank !== 4) throw new Error(`internal: planes have rank 4, not shape [${x.shape.join(', ')}].`);
  return x as tf.Tensor4D; // The rank has just been checked.
}
