import * as tf from '@tensorflow/tfjs-core';
import { RuleError } from '../errors.js';
import type { Bound } from '../rules/rule.js';
import * as ops from '../tensors/ops.js';
import { formatShape, type Shape } from '../tensors/shape.js';

/**
 * A bound of the input domain in the full shape of `x`. Numbers per channel go along the last axis; `min` and `max` are
 * taken per sample and channel, or over all features of a sample where `x` is a vector.
 */
export function boundLike(bound: Bound, x: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    if (bound === 'min') return spreadOver(tf.min(x, extremeAxes(x), true), x.shape);
    if (bound === 'max') return spreadOver(tf.max(x, extremeAxes(x), true), x.shape);
    const values = tf.tensor(bound as tf.TensorLike); // readonly arrays are not in tfjs' own type
    const fits = values.shape.every((size, index) => {
      const axis = x.rank - values.rank + index;
      return axis > 0 && (size === 1 || size === x.shape[axis]);
    });
    if (!fits) {
      throw new RuleError(
        `Rule "z-box": a bound of shape ${formatShape(values.shape)} does not fit an input of shape ${formatShape(x.shape)}. ` +
          'Give one number, one per channel (last axis), or one per element of a sample.',
        'z-box',
      );
    }
    return spreadOver(values, x.shape);
  });
}

function extremeAxes(x: tf.Tensor): number[] {
  return x.rank <= 2 ? [1] : x.shape.map((_, axis) => axis).slice(1, -1);
}

function spreadOver(values: tf.Tensor, shape: Shape): tf.Tensor {
  return ops.mul(tf.ones([...shape]), values);
}
