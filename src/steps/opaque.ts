import * as tf from '@tensorflow/tfjs-core';
import { RuleError } from '../errors.js';
import type { Layer } from '../graph/call.js';
import type { OpaqueStep } from './step.js';

/**
 * A layer run as it is and differentiated by `tf.grads`: an approximation for layers nobody described.
 *
 * @param output Which of the layer's outputs it makes.
 */
export function opaqueStep(layer: Layer, output = 0): OpaqueStep {
  return {
    kind: 'opaque',
    name: 'approximate: gradient',
    apply: (xs) => runLayer(layer, xs, output),
    gradients: (s, xs) => {
      const run = (...inputs: tf.Tensor[]) => runLayer(layer, inputs, output);
      try {
        return tf.grads(run)([...xs], s);
      } catch (error) {
        throw new RuleError(
          `Layer "${layer.name}" (class ${layer.getClassName()}) cannot be differentiated by tfjs: ` +
            `${(error as Error).message} Describe it by steps: defaultRegistry.with(${layer.getClassName()}, adapter).`,
          'gradient',
        );
      }
    },
  };
}

/** One output of a layer, called as a model calls it when it predicts. The result is new. */
export function runLayer(layer: Layer, xs: readonly tf.Tensor[], output: number): tf.Tensor {
  return tf.tidy(() => {
    const answer = layer.call([...xs], { training: false });
    const y = Array.isArray(answer) ? answer[output] : answer;
    if (!y) throw new RangeError(`internal: layer "${layer.name}" answered no output ${output}`);
    // A layer may answer what it was given.
    return tf.clone(y);
  });
}
