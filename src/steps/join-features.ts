import * as tf from '@tensorflow/tfjs-core';
import type { RelabelStep } from './step.js';

/**
 * Features side by side, `[batch, Σ features]`: the slice and the state that all gates of a cell read. Both are then the
 * input of one linear map and share its denominator, and they are put together once for all gates.
 */
export function joinFeaturesStep(): RelabelStep {
  return {
    kind: 'relabel',
    name: 'join',
    bijective: true,
    outputShape: (shapes) => [shapes[0]?.[0] ?? 1, shapes.reduce((sum, shape) => sum + (shape.at(-1) ?? 0), 0)],
    apply: (xs) => tf.concat([...xs], -1),
    back: (rOut, shapes) =>
      tf.split(
        rOut,
        shapes.map((shape) => shape[shape.length - 1] ?? 0),
        -1,
      ),
  };
}
