import * as tf from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { InternalError, RuleError } from '../errors.js';
import type { OpaqueStep } from './step.js';

/** Options of {@link opaqueStep} and {@link runLayer}. */
export interface RunOptions {
  /** Which of the layer's outputs is wanted. Default 0. */
  readonly output?: number;
  /** True when the last input is the mask of the others. Default false. */
  readonly masked?: boolean;
}

/** A layer run as it is and differentiated by `tf.grads`: an approximation for layers nobody described. */
export function opaqueStep(layer: layers.Layer, options: RunOptions = {}): OpaqueStep {
  return {
    kind: 'opaque',
    name: 'approximate: gradient',
    apply: (xs) => runLayer(layer, xs, options),
    gradients: (s, xs) => {
      const [inputs, rest] = options.masked ? [xs.slice(0, -1), xs.slice(-1)] : [xs, []];
      try {
        return tf.grads((...own) => runLayer(layer, [...own, ...rest], options))([...inputs], s);
      } catch (error) {
        releaseTape();
        throw new RuleError(
          `Layer "${layer.name}" (class ${layer.getClassName()}) cannot be differentiated by tfjs: ` +
            `${(error as Error).message} Describe it by steps: defaultRegistry.with(${layer.getClassName()}, adapter).`,
          'gradient',
        );
      }
    },
  };
}

/** What the tape holds for a derivative that failed: tfjs lets go of it only when all goes well. */
function releaseTape(): void {
  const { state } = tf.engine();
  // Inside a derivative of the caller's the tape is not ours.
  if (state.gradientDepth > 0) return;
  for (const node of state.activeTape ?? []) for (const tensor of node.saved ?? []) tensor.dispose();
  state.activeTape = [];
}

/** One output of a layer, called as a model calls it to predict. The result is new. */
export function runLayer(
  layer: layers.Layer,
  xs: readonly tf.Tensor[],
  { output = 0, masked = false }: RunOptions = {},
): tf.Tensor {
  return tf.tidy(() => {
    const mask = masked ? xs[xs.length - 1] : undefined;
    const inputs = mask ? xs.slice(0, -1) : [...xs];
    const answer = layer.call(inputs, { training: false, ...(mask ? { mask: tf.cast(mask, 'bool') } : {}) });
    const y = Array.isArray(answer) ? answer[output] : answer;
    if (!y) throw new InternalError(`layer "${layer.name}" answered no output ${output}`);
    // A layer may answer what it was given.
    return tf.clone(y);
  });
}
