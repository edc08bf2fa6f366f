import * as tf from '@tensorflow/tfjs-core';
import { at } from '../kernels/conv-geometry.js';
import * as ops from '../tensors/ops.js';
import type { Weight } from '../tensors/weight.js';
import type { SelectStep } from './step.js';

/**
 * One row per position, whatever the input holds: `x [..., positions, features]`, rows `[most positions, features]`,
 * result like `x`. It is a constant, so what it receives reaches no input and is booked as bias.
 */
export function positionStep(rows: Weight): SelectStep {
  return {
    kind: 'select',
    name: 'position embedding',
    apply: (xs, read) =>
      tf.tidy(() => {
        const { shape } = at(xs, 0);
        const [positions = 1, features = 1] = shape.slice(-2);
        return ops.mul(tf.slice(read(rows), [0, 0], [positions, features]), tf.ones([...shape]));
      }),
    route: () => [null],
    lost: (rOut) => rOut,
    lostTo: 'bias',
    sign: () => 'any',
  };
}
