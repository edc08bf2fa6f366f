import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { type KernelChoices, kernelChoices, type Way } from './choices.js';
import { at } from './conv-geometry.js';
import type { LinearOp } from './linear-op.js';
import { sumLastAxis } from './sums.js';

/**
 * Dense layer: `x [..., in]`, kernel `[in, out]`, `z [..., out]`.
 *
 * Neither direction copies or packs the kernel anew: wasm caches the packed kernel per kernel and bias tensor, so the
 * bias is added outside of the product, where a fresh one costs nothing.
 */
export const denseOp: LinearOp = denseOpBy(kernelChoices);

/** {@link denseOp} with its adjoint computed as `choices` say. */
export function denseOpBy(choices: () => KernelChoices): LinearOp {
  return {
    name: 'dense',
    forward: {
      prepare: (kernel) => [kernel],
      run: (x, prepared, bias) =>
        tf.tidy(() => {
          const kernel = at(prepared, 0);
          const product = ops.matMul(rows(x), kernel);
          const z = bias === null ? product : ops.add(product, bias);
          return x.rank === 2 ? z : ops.reshape(z, [...x.shape.slice(0, -1), at(kernel.shape, 1)]);
        }),
    },
    adjoint: {
      prepare: (kernel) => [kernel],
      run: (s, prepared, inputShape) =>
        tf.tidy(() => {
          const c = transposedProduct(s, at(prepared, 0), choices().denseAdjoint);
          return inputShape.length === 2 ? c : ops.reshape(c, [...inputShape]);
        }),
    },
    connections: (inputShape, kernelShape) =>
      tf.fill(
        inputShape.map(() => 1),
        at(kernelShape, 0),
      ),
    spread: (s) => sumLastAxis(s),
    outputShape: (inputShape, kernelShape) => [...inputShape.slice(0, -1), at(kernelShape, 1)],
    multiplyAdds: (inputShape, kernelShape) => inputShape.reduce((product, size) => product * size, at(kernelShape, 1)),
  };
}

/**
 * `s Wᵀ` as `(W sᵀ)ᵀ`, `[n, out] -> [n, in]`. The kernel is the left operand, which wasm streams as it lies; as a
 * transposed right operand it would run through a scalar loop, 12 times slower for a batch of 8. The transpose makes a
 * copy of `s` even for a single row, and must: wasm caches the packed right operand by its data, whatever its shape.
 */
function transposedProduct(s: tf.Tensor, kernel: tf.Tensor, way: Way): tf.Tensor {
  if (way === 'native') return ops.matMul(rows(s), rows(kernel), false, true);
  const columns = tf.transpose(rows(s));
  return tf.transpose(ops.matMul(kernel, columns));
}

function rows(x: tf.Tensor): tf.Tensor2D {
  if (isMatrix(x)) return x;
  const length = at(x.shape, x.rank - 1);
  return ops.reshape(x, [x.size / length, length]);
}

function isMatrix(x: tf.Tensor): x is tf.Tensor2D {
  return x.rank === 2;
}
