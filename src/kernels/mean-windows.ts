import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { type PlanePad, padAttribute } from './plane.js';
import { isShortOfFour } from './short-of-four.js';

/** How a mean moves over planes. */
export interface MeanWindow {
  readonly size: readonly [number, number];
  readonly strides: readonly [number, number];
  /** What stands around does not count. */
  readonly pad: PlanePad | 'valid';
}

/** Mean of each window of planes `[b, h, w, c]`. */
export function meanOfWindows(x: tf.Tensor4D, window: MeanWindow): tf.Tensor4D {
  if (!isShortOfFour(x.shape[3])) return averagePooled(x, window);
  return tf.tidy(() => {
    const [b, h, w, channels] = x.shape;
    const wider = tf.pad2d(ops.reshape<tf.Rank.R2>(x, [b * h * w, channels]), [
      [0, 0],
      [0, 1],
    ]);
    const means = averagePooled(ops.reshape(wider, [b, h, w, channels + 1]), window);
    return tf.slice(means, [0, 0, 0, 0], [-1, -1, -1, channels]);
  });
}

/** The kernel itself: `tf.avgPool` adds a cast, which is a copy on wasm. */
function averagePooled(x: tf.Tensor4D, { size, strides, pad }: MeanWindow): tf.Tensor4D {
  const attributes = { filterSize: [...size], strides: [...strides], pad: padAttribute(pad) };
  return tf.engine().runKernel<tf.Tensor4D>(tf.AvgPool, { x }, attributes);
}
