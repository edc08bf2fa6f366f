import * as tf from '@tensorflow/tfjs-core';
import { at } from '../kernels/conv-geometry.js';
import * as ops from '../tensors/ops.js';
import type { LinearMap } from './linear-map.js';

/**
 * `z = w x (+ b)` element by element: the map of batch normalization and rescaling.
 *
 * @param axis Axis of `x`, counted from the end (-1 is the last), along which the factors and the bias run; null for a
 *   single factor.
 */
export function scaleMap(axis: number | null): LinearMap {
  const scale = (x: tf.Tensor, prepared: readonly tf.Tensor[]) => ops.mul(x, along(at(prepared, 0), x.rank, axis));
  return {
    name: axis === null ? 'scale' : `scale along ${axis}`,
    prepareForward: (kernel) => [kernel],
    forward: (xs, prepared, bias) =>
      tf.tidy(() => {
        const z = scale(at(xs, 0), prepared);
        return bias ? ops.add(z, along(bias, z.rank, axis)) : z;
      }),
    prepareAdjoint: (kernel) => [kernel],
    adjoint: (s, prepared) => [tf.tidy(() => scale(s, prepared))],
    connections: () => tf.scalar(1),
    spread: (s) => [ops.reshape(s, s.shape)],
    multiplyAdds: (shapes) => at(shapes, 0).reduce((product, size) => product * size, 1),
  };
}

/** `z = x + b`, the bias running along an axis that is not the last: for layers that add it where no kernel could. */
export function shiftMap(axis: number): LinearMap {
  return {
    ...scaleMap(axis),
    name: `shift along ${axis}`,
    forward: (xs, _prepared, bias) =>
      tf.tidy(() => {
        const x = at(xs, 0);
        return bias ? ops.add(x, along(bias, x.rank, axis)) : ops.reshape(x, x.shape);
      }),
    adjoint: (s) => [ops.reshape(s, s.shape)],
  };
}

/**
 * A vector shaped to broadcast along one axis of a tensor, the last one too: webgpu fails to add a plain vector to a
 * tensor of five axes. Scalars broadcast anyway.
 */
function along(vector: tf.Tensor, rank: number, axis: number | null): tf.Tensor {
  if (axis === null || vector.rank === 0) return vector;
  const shape = new Array<number>(rank).fill(1);
  shape[axis + rank] = vector.size;
  return ops.reshape(vector, shape);
}
