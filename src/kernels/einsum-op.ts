import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { type Shape, sizeOf } from '../tensors/shape.js';
import { at } from './conv-geometry.js';
import { denseOp } from './dense-op.js';
import type { Contraction } from './einsum-equation.js';
import type { LinearOp } from './linear-op.js';
import { matMul } from './matmul.js';
import { sumLastAxis } from './sums.js';

/**
 * `z = einsum(equation, x, kernel)` without `tf.einsum`, which wasm lacks: axes are brought into the order
 * `x [shared, free, contracted]`, `kernel [shared, contracted, own]`, `z [shared, free, own]`, where the map is a product
 * of matrices, one for each index along the axes that all three share. The bias broadcasts against `z`.
 */
export function einsumOp(contraction: Contraction): LinearOp {
  const { input, output, shared, contracted, own } = contraction;
  const view = viewsOf(contraction);
  const prepare = (kernel: tf.Tensor) => [
    tf.tidy(() => arrange(kernel, contraction.kernel, [...shared, ...contracted, ...own])),
  ];
  const outputShape = (inputShape: Shape, kernelShape: Shape) =>
    output.map(sizesBy([...input, ...contraction.kernel], [...inputShape, ...kernelShape]));
  return {
    name: `einsum ${contraction.equation}`,
    forward: {
      prepare,
      run: (x, prepared, bias) =>
        tf.tidy(() => {
          const kernel = at(prepared, 0);
          const z = product(view.rows(x), asMatrices(kernel, contraction));
          const ownSizes = kernel.shape.slice(shared.length + contracted.length);
          const placed = view.asOutput(z, x.shape, ownSizes);
          return bias === null ? placed : ops.add(placed, bias);
        }),
    },
    adjoint: {
      prepare,
      run: (s, prepared, inputShape) =>
        tf.tidy(() => {
          const c = transposedProduct(view.columns(s), asMatrices(at(prepared, 0), contraction));
          return view.asInput(c, inputShape);
        }),
    },
    connections: (inputShape, kernelShape) => {
      const fanIn = [...contraction.summed, ...contracted].map(sizesBy(input, inputShape));
      return tf.fill(
        outputShape(inputShape, kernelShape).map(() => 1),
        sizeOf(fanIn),
      );
    },
    spread: (s, inputShape) =>
      tf.tidy(() => {
        const sums = sumLastAxis(view.columns(s));
        const length = sizeOf(contracted.map(sizesBy(input, inputShape)));
        return view.asInput(ops.mul(sums, tf.ones([1, length])), inputShape);
      }),
    outputShape,
    multiplyAdds: (inputShape, kernelShape) =>
      sizeOf(inputShape) * sizeOf(own.map(sizesBy(contraction.kernel, kernelShape))),
  };
}

/** How tensor and result are laid out as matrices, and back. Without shared axes there is one, else one per index. */
function viewsOf({ input, output, shared, free, summed, contracted, own }: Contraction) {
  const kept = input.filter((letter) => !summed.includes(letter));
  const [ofInput, ofOutput] = [
    [...shared, ...free, ...contracted],
    [...shared, ...free, ...own],
  ];
  const matrices = (x: tf.Tensor) => {
    const many = sizeOf(x.shape.slice(0, shared.length));
    const rows = sizeOf(x.shape.slice(shared.length, shared.length + free.length));
    const length = x.size / (many * rows);
    return ops.reshape(x, shared.length === 0 ? [rows, length] : [many, rows, length]);
  };
  return {
    rows: (x: tf.Tensor) => {
      const axes = summed.map((letter) => input.indexOf(letter));
      return matrices(arrange(axes.length === 0 ? x : tf.sum(x, axes), kept, ofInput));
    },
    columns: (s: tf.Tensor) => matrices(arrange(s, output, ofOutput)),
    asOutput: (z: tf.Tensor, inputShape: Shape, ownSizes: Shape) => {
      const sizes = [...shared, ...free].map(sizesBy(input, inputShape));
      return arrange(ops.reshape(z, [...sizes, ...ownSizes]), ofOutput, output);
    },
    asInput: (c: tf.Tensor, inputShape: Shape) => {
      const size = sizesBy(input, inputShape);
      const placed = arrange(ops.reshape(c, ofInput.map(size)), ofInput, kept);
      if (summed.length === 0) return placed;
      // Every summand gets the same.
      const flat = input.map((letter) => (summed.includes(letter) ? 1 : size(letter)));
      return ops.mul(ops.reshape(placed, flat), tf.ones([...inputShape]));
    },
  };
}

/** The kernel `[shared, contracted, own]` with one axis for each of the three; two axes where nothing is shared. */
function asMatrices(kernel: tf.Tensor, { shared, contracted }: Contraction): tf.Tensor {
  const many = sizeOf(kernel.shape.slice(0, shared.length));
  const length = sizeOf(kernel.shape.slice(shared.length, shared.length + contracted.length));
  const columns = kernel.size / (many * length);
  return ops.reshape(kernel, shared.length === 0 ? [length, columns] : [many, length, columns]);
}

function product(rows: tf.Tensor, matrices: tf.Tensor): tf.Tensor {
  return matrices.rank === 2 ? denseOp.forward.run(rows, [matrices], null) : matMul(rows, matrices);
}

function transposedProduct(s: tf.Tensor, matrices: tf.Tensor): tf.Tensor {
  if (matrices.rank > 2) return matMul(s, matrices, false, true);
  return denseOp.adjoint.run(s, [matrices], [at(s.shape, 0), at(matrices.shape, 0)]);
}

/** Brings axes named `from` into the order `to`. */
function arrange(x: tf.Tensor, from: readonly string[], to: readonly string[]): tf.Tensor {
  const order = to.map((letter) => from.indexOf(letter));
  return order.every((axis, index) => axis === index) ? x : tf.transpose(x, order);
}

/** The size of the axis with a letter. */
function sizesBy(letters: readonly string[], shape: Shape): (letter: string) => number {
  return (letter) => at(shape, letters.indexOf(letter));
}
