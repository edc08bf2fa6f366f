import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { type Shape, sizeOf } from '../tensors/shape.js';
import type { RelabelStep } from './step.js';

/** Which part of a scan's record `[batch, time, Σ sizes]` is wanted. */
export interface RecordPart {
  /** Where it begins among the sizes. */
  readonly offset: number;
  /** Shape of the part, per sample and time step. */
  readonly shape: Shape;
  /** All time steps, in the order of processing, or only the last one processed. */
  readonly time: 'all' | 'last';
}

/** Picks a state or extra out of a scan's record: `[batch, time, ...shape]` or `[batch, ...shape]`. */
export function recordPartStep({ offset, shape, time }: RecordPart): RelabelStep {
  const size = sizeOf(shape);
  return {
    kind: 'relabel',
    name: time === 'last' ? 'last time step' : 'all time steps',
    bijective: false,
    apply: ([record]) =>
      tf.tidy(() => {
        const [batch = 1, times = 1] = record?.shape ?? [];
        if (!record) return tf.zeros([0]);
        const from = time === 'last' ? times - 1 : 0;
        const part = tf.slice(record, [0, from, offset], [batch, time === 'last' ? 1 : times, size]);
        return ops.reshape(part, time === 'last' ? [batch, ...shape] : [batch, times, ...shape]);
      }),
    back: (rOut, [recordShape]) =>
      tf.tidy(() => {
        const [batch = 1, times = 1, width = 1] = recordShape ?? [];
        const steps = time === 'last' ? 1 : times;
        const flat = ops.reshape(rOut, [batch, steps, size]);
        return [
          tf.pad(flat, [
            [0, 0],
            [times - steps, 0],
            [offset, width - offset - size],
          ]),
        ];
      }),
  };
}

/** Reverses the order of time, axis 1. */
export const reverseTimeStep: RelabelStep = {
  kind: 'relabel',
  name: 'reverse time',
  bijective: true,
  apply: ([x]) => (x ? tf.reverse(x, 1) : tf.zeros([0])),
  back: (rOut) => [tf.reverse(rOut, 1)],
};
