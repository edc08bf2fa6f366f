// Two ways to explain that need no rules, to compare with: gradient × input, and occlusion.
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** Gradient of the summed outputs by automatic differentiation, times the input; of the input's shape. */
export function gradientTimesInput(model: LayersModel, inputs: tf.Tensor): tf.Tensor {
  return tf.tidy(() => {
    // Samples do not touch each other, so the gradient of the sum holds the gradient of each.
    const gradient = tf.grad((x) => tf.sum(model.apply(x) as tf.Tensor));
    return tf.mul(inputs, gradient(inputs));
  });
}

/**
 * What the output loses when a time step is set to zero, for every time step.
 *
 * @param inputs `[batch, time, features]`, for a model with one output unit.
 * @returns `[batch, time]`.
 */
export function occlusion(model: LayersModel, inputs: tf.Tensor): tf.Tensor2D {
  const [, times = 0] = inputs.shape;
  return tf.tidy(() => {
    const whole = model.predict(inputs) as tf.Tensor2D;
    const losses = Array.from({ length: times }, (_, time) => {
      const others = tf.reshape(tf.sub(1, tf.oneHot(tf.scalar(time, 'int32'), times)), [1, times, 1]);
      return tf.sub(whole, model.predict(tf.mul(inputs, others)) as tf.Tensor2D);
    });
    return tf.concat2d(losses as tf.Tensor2D[], 1);
  });
}
