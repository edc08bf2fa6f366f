import * as tf from '@tensorflow/tfjs-core';
import { at } from '../kernels/conv-geometry.js';
import * as ops from '../tensors/ops.js';
import type { Shape } from '../tensors/shape.js';
import { fixedMap, type LinearMap } from './linear-map.js';
import type { RelabelStep } from './step.js';

/** A resizing of `x [batch, height, width, channels]` that is linear and treats rows and columns one by one. */
export interface Resize {
  apply(x: tf.Tensor4D): tf.Tensor4D;
  /** `A [newHeight, height]` and `B [newWidth, width]` with `z = A x Bᵀ` per channel, for an input's shape. */
  matrices(shape: Shape): [rows: tf.Tensor2D, columns: tf.Tensor2D];
}

/**
 * `tf.image.resizeBilinear` or `resizeNearestNeighbor` to the size that `size` answers for an input's shape. The matrices
 * are read off the backend's own kernel, by resizing the identity: backends round positions differently, and the adjoint
 * is then exact for each.
 */
export function imageResize(
  method: 'nearest' | 'bilinear',
  size: (shape: Shape) => readonly [height: number, width: number],
  alignCorners = false,
): Resize {
  const f = method === 'bilinear' ? tf.image.resizeBilinear : tf.image.resizeNearestNeighbor;
  return {
    apply: (x) => f(x, [...size(x.shape)], alignCorners),
    matrices: (shape) => {
      const [, height = 1, width = 1] = shape;
      const [newHeight, newWidth] = size(shape);
      const rows = f(ops.reshape<tf.Rank.R4>(tf.eye(height), [1, height, 1, height]), [newHeight, 1], alignCorners);
      const columns = f(ops.reshape<tf.Rank.R4>(tf.eye(width), [1, 1, width, width]), [1, newWidth], alignCorners);
      return [ops.reshape(rows, [newHeight, height]), ops.reshape(columns, [newWidth, width])];
    },
  };
}

/** Resizing as a linear map. */
export function resizeMap(name: string, resize: Resize): LinearMap {
  return fixedMap({
    name,
    forward: (xs) => resize.apply(image(at(xs, 0))),
    adjoint: (s, shapes) => [tf.tidy(() => transposed(s, resize.matrices(at(shapes, 0))))],
    connections: (shapes) =>
      tf.tidy(() => {
        const [a, b] = connected(resize.matrices(at(shapes, 0)));
        const counts = ops.matMul(tf.sum(a, 1, true), tf.sum(b, 1, true), false, true);
        return ops.reshape(counts, [1, ...counts.shape, 1]);
      }),
    spread: (s, shapes) => [tf.tidy(() => transposed(s, connected(resize.matrices(at(shapes, 0)))))],
  });
}

/**
 * Resizing that copies pixels or leaves them out: relevance follows them. Where pixels are mixed it is shared by their
 * weights in the mixture.
 */
export function resizeStep(name: string, resize: Resize): RelabelStep {
  return {
    kind: 'relabel',
    name,
    apply: (xs) => resize.apply(image(at(xs, 0))),
    back: (rOut, shapes) => [tf.tidy(() => transposed(rOut, resize.matrices(at(shapes, 0))))],
    bijective: false,
    mixes: true,
  };
}

/** `Aᵀ s B` per channel. */
function transposed(s: tf.Tensor, [a, b]: readonly [tf.Tensor2D, tf.Tensor2D]): tf.Tensor {
  const [batch = 1, newHeight = 1, newWidth = 1, channels = 1] = s.shape;
  const [height, width] = [at(a.shape, 1), at(b.shape, 1)];
  // Each axis is turned to the end, where one small matrix serves all.
  const turned = tf.transpose(ops.reshape(s, [batch * newHeight, newWidth, channels]), [0, 2, 1]);
  const columns = ops.matMul(ops.reshape(turned, [batch * newHeight * channels, newWidth]), b);
  const upright = tf.transpose(ops.reshape(columns, [batch, newHeight, channels * width]), [0, 2, 1]);
  const rows = ops.matMul(ops.reshape(upright, [batch * channels * width, newHeight]), a);
  return tf.transpose(ops.reshape(rows, [batch, channels, width, height]), [0, 3, 2, 1]);
}

/** 1 where an entry is not 0. */
function connected([a, b]: readonly [tf.Tensor2D, tf.Tensor2D]): [tf.Tensor2D, tf.Tensor2D] {
  return [ops.step(ops.abs(a)), ops.step(ops.abs(b))];
}

function image(x: tf.Tensor): tf.Tensor4D {
  const [batch = 1, height = 1, width = 1, channels = 1] = x.shape;
  return ops.reshape(x, [batch, height, width, channels]);
}
