import * as tf from '@tensorflow/tfjs-core';
import { at } from '../kernels/conv-geometry.js';
import { matMul } from '../kernels/matmul.js';
import { sumToShape } from '../kernels/products.js';
import * as ops from '../tensors/ops.js';
import { reshaped } from '../tensors/reshaped.js';
import { type Shape, sizeOf } from '../tensors/shape.js';
import type { BilinearStep } from './step.js';

/**
 * The product of two or more tensors, element by element, broadcast against each other.
 *
 * @param signal Index of the operand that carries the signal, the others being gates; absent when none does.
 */
export function multiplyStep(signal?: number): BilinearStep {
  return {
    kind: 'bilinear',
    name: 'multiply',
    apply: (xs) => product(xs),
    earn: (operand, s, xs) => tf.tidy(() => sumToShape(ops.mul(s, product(xs)), at(xs, operand).shape)),
    elementwise: true,
    collect: (operand, relevance, xs) => sumToShape(relevance, at(xs, operand).shape),
    ...(signal === undefined ? {} : { signal }),
  };
}

/**
 * The inner products of two batches of vectors or matrices over one axis of each, as tfjs' Dot layer forms them:
 * `z_bij = Σ_k a_bik c_bkj`. An operand is `[batch, k]` or `[batch, rows, columns]`; two vectors give `[batch, 1]`.
 *
 * @param axes The axis to sum over, per operand: 1 or 2.
 */
export function dotStep(axes: readonly [number, number]): BilinearStep {
  // Vectors become matrices of one column, so that only their axis 1 remains to sum over.
  const turnA = axes[0] === 1;
  const turnB = axes[1] === 2;
  const views = (xs: readonly tf.Tensor[]) => [matrices(at(xs, 0)), matrices(at(xs, 1))] as const;
  return {
    kind: 'bilinear',
    name: 'dot',
    apply: (xs) =>
      tf.tidy(() => {
        const [a, b] = views(xs);
        return reshaped(matMul(a, b, turnA, turnB), dotShape(at(xs, 0).shape, at(xs, 1).shape, axes));
      }),
    earn: (operand, s, xs) =>
      tf.tidy(() => {
        const [a, b] = views(xs);
        const rows = at(a.shape, turnA ? 2 : 1);
        const view = reshaped<tf.Rank.R3>(s, [at(a.shape, 0), rows, s.size / (at(a.shape, 0) * rows)]);
        const c = operand === 0 ? adjointOfLeft(view, b, turnA, turnB) : adjointOfRight(view, a, turnA, turnB);
        return ops.mul(at(xs, operand), reshaped(c, at(xs, operand).shape));
      }),
    elementwise: false,
    outputShape: ([a = [], b = []]) => dotShape(a, b, axes),
    multiplyAdds: ([a = [], b = []]) => sizeOf(dotShape(a, b, axes)) * at(a, axes[0]),
  };
}

/** Shape of {@link dotStep}'s result. */
function dotShape(a: Shape, b: Shape, axes: readonly [number, number]): number[] {
  const others = [...a.filter((_, axis) => axis !== axes[0]), ...b.filter((_, axis) => axis !== 0 && axis !== axes[1])];
  return others.length === 1 ? [...others, 1] : others;
}

/** `c` with `Σ s (A B) = Σ c A`, in the layout of the stored operand. */
function adjointOfLeft(s: tf.Tensor3D, b: tf.Tensor3D, turnA: boolean, turnB: boolean): tf.Tensor {
  return turnA ? matMul(b, s, turnB, true) : matMul(s, b, false, !turnB);
}

function adjointOfRight(s: tf.Tensor3D, a: tf.Tensor3D, turnA: boolean, turnB: boolean): tf.Tensor {
  return turnB ? matMul(s, a, true, turnA) : matMul(a, s, !turnA, false);
}

function matrices(x: tf.Tensor): tf.Tensor3D {
  const [batch = 1, rows = 1, columns = 1] = x.shape;
  return reshaped(x, [batch, rows, columns]);
}

function product(xs: readonly tf.Tensor[]): tf.Tensor {
  return tf.tidy(() => {
    const y = xs.reduce((all, x) => ops.mul(all, x));
    return xs.length === 1 ? ops.reshape(y, y.shape) : y;
  });
}
