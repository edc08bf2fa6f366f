import * as tf from '@tensorflow/tfjs-core';
import { at } from '../kernels/conv-geometry.js';
import { matMul } from '../kernels/matmul.js';
import { sumToShape } from '../kernels/products.js';
import * as ops from '../tensors/ops.js';
import { type Shape, sizeOf } from '../tensors/shape.js';
import type { BilinearStep } from './step.js';

/** Options of {@link matMulStep}. */
export interface MatMulOptions {
  /** True when the second operand is stored with its last two axes exchanged: `A Bᵀ`. Default false. */
  readonly transposeB?: boolean;
  /** Index of the operand that carries the signal, the other one being weights of attention; absent when none does. */
  readonly signal?: number;
}

/**
 * Products of matrices over the last two axes, one for each index of the axes before them, which broadcast:
 * `A [..., rows, k]`, `B [..., k, columns]` or, transposed, `[..., columns, k]`; result `[..., rows, columns]`.
 *
 * @param name Printed in the plan. Default `matmul`.
 */
export function matMulStep(options: MatMulOptions = {}, name = 'matmul'): BilinearStep {
  const { transposeB = false, signal } = options;
  return {
    kind: 'bilinear',
    name,
    apply: (xs) => matMul(at(xs, 0), at(xs, 1), false, transposeB),
    earn: (operand, s, xs) =>
      tf.tidy(() => {
        const [x, a, b] = [at(xs, operand), at(xs, 0), at(xs, 1)];
        const adjoint = operand === 0 ? matMul(s, b, false, !transposeB) : adjointOfRight(s, a, transposeB);
        return ops.mul(x, sumToShape(adjoint, x.shape));
      }),
    elementwise: false,
    outputShape: ([a = [], b = []]) => [...batchOf(a, b), a.at(-2) ?? 1, columnsOf(b, transposeB)],
    multiplyAdds: ([a = [], b = []]) => sizeOf(batchOf(a, b)) * sizeOf(a.slice(-2)) * columnsOf(b, transposeB),
    ...(signal === undefined ? {} : { signal }),
  };
}

/** The axes before the last two, broadcast. */
function batchOf(a: Shape, b: Shape): number[] {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  return long.slice(0, -2).map((size, axis) => Math.max(size, short[axis - long.length + short.length] ?? 1));
}

function columnsOf(b: Shape, transposed: boolean): number {
  return b.at(transposed ? -2 : -1) ?? 1;
}

function adjointOfRight(s: tf.Tensor, a: tf.Tensor, transposeB: boolean): tf.Tensor {
  return transposeB ? matMul(s, a, true, false) : matMul(a, s, true, false);
}
