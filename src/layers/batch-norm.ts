import * as tf from '@tensorflow/tfjs-core';
import type { LayerCall } from '../graph/call.js';
import { scaleStep } from '../steps/linear.js';
import { derivedWeight, type Weight } from '../tensors/weight.js';
import type { LayerAdapter } from './adapter.js';
import { numberOf, numbersOf, rankOf } from './config.js';

/**
 * BatchNormalization with its moving statistics: a diagonal linear map
 * `y = scale x + shift`, `scale = gamma / sqrt(variance + epsilon)`, `shift = beta - mean scale`.
 */
export const batchNormAdapter: LayerAdapter = (call, to) => {
  const [axis = -1] = numbersOf(call, 'axis', 1, -1);
  const scale = scaleOf(call);
  const step = scaleStep(scale, shiftOf(call, scale), axis < 0 ? axis : axis - rankOf(call), 'batch norm');
  to.output(to.add(step, to.inputs));
};

function scaleOf(call: LayerCall): Weight {
  const epsilon = numberOf(call, 'epsilon', 1e-3);
  const variance = call.weight('moving_variance');
  const gamma = call.optionalWeight('gamma');
  return derivedWeight(
    `${call.layer.name}/scale`,
    variance.shape,
    gamma ? [variance, gamma] : [variance],
    (varianceNow, gammaNow?: tf.Tensor) => {
      const inverse = tf.rsqrt(tf.add(varianceNow, epsilon));
      return gammaNow ? tf.mul(gammaNow, inverse) : inverse;
    },
  );
}

function shiftOf(call: LayerCall, scale: Weight): Weight {
  const mean = call.weight('moving_mean');
  const beta = call.optionalWeight('beta');
  return derivedWeight(
    `${call.layer.name}/shift`,
    mean.shape,
    beta ? [mean, scale, beta] : [mean, scale],
    (meanNow, scaleNow, betaNow?: tf.Tensor) => {
      const moved = tf.mul(meanNow, scaleNow);
      return betaNow ? tf.sub(betaNow, moved) : tf.neg(moved);
    },
  );
}
