import * as tf from '@tensorflow/tfjs-core';
import { sumToShape } from '../kernels/products.js';
import * as ops from '../tensors/ops.js';
import { fixedMap, type LinearMap } from './linear-map.js';

/** `z = Σ_k x_k` over any number of inputs, broadcast against each other: the map of Add. */
export function sumMap(): LinearMap {
  return weightedSum('sum', () => 1);
}

/** `z = 1/n Σ_k x_k`: the map of Average. */
export function averageMap(): LinearMap {
  return weightedSum('average', (count) => 1 / count);
}

function weightedSum(name: string, weightOf: (count: number) => number): LinearMap {
  const spread = (s: tf.Tensor, shapes: readonly (readonly number[])[]) => shapes.map((shape) => sumToShape(s, shape));
  return fixedMap({
    name,
    forward: (xs) =>
      tf.tidy(() => {
        const weight = weightOf(xs.length);
        const total = xs.reduce((sum, x) => ops.add(sum, x));
        if (weight !== 1) return ops.mul(total, weight);
        return xs.length === 1 ? ops.reshape(total, total.shape) : total;
      }),
    adjoint: (s, shapes) => {
      const weight = weightOf(shapes.length);
      return tf.tidy(() => spread(weight === 1 ? s : ops.mul(s, weight), shapes));
    },
    connections: (shapes) => tf.scalar(shapes.length),
    spread,
  });
}
