import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { type KernelChoices, kernelChoices } from './choices.js';
import { at, type ConvOptions, countsTensor, tapsPerInput } from './conv-geometry.js';
import { convAxes, convOp, preparedKernelShape } from './conv-op.js';
import { conv3dOp } from './conv3d-op.js';
import type { LinearOp, Shape } from './linear-op.js';
import { phasedKernelShape } from './phases.js';
import { sumLastAxis } from './sums.js';

/** Strides of a transposed convolution, two or three, and its padding. */
export interface TransposedConvOptions {
  /** How far the window moves, in the output. */
  readonly strides: readonly number[];
  /** What was cut off the output. */
  readonly padding: 'same' | 'valid';
}

/**
 * Transposed convolution over two or three axes: `x [b, ...spatial, cin]`, kernel `[...window, cout, cin]`; the number
 * of strides says which. It is the adjoint of the convolution from its output to its input, and runs as that: forward
 * as the adjoint, back as the plain convolution. wasm's conv2dTranspose is a scalar loop, ten times slower.
 */
export function transposedConvOp(options: TransposedConvOptions, choices = kernelChoices): LinearOp {
  const rank = options.strides.length;
  const geometry: ConvOptions = { ...options, dilations: options.strides.map(() => 1) };
  const conv = rank === 3 ? conv3dOp(geometry) : convOp(geometry, choices);
  const outputShape = (inputShape: Shape, kernelShape: Shape) => [
    at(inputShape, 0),
    ...options.strides.map((stride, axis) => {
      const [input, size] = [at(inputShape, axis + 1), at(kernelShape, axis)];
      return input * stride + (options.padding === 'valid' ? Math.max(size - stride, 0) : 0);
    }),
    at(kernelShape, rank),
  ];
  return {
    name: `${conv.name}-transposed`,
    forward: {
      prepare: conv.adjoint.prepare,
      run: (x, prepared, bias) =>
        tf.tidy(() => {
          const z = conv.adjoint.run(
            x,
            prepared,
            outputShape(x.shape, transposedKernelShape(prepared, options.strides, choices())),
          );
          return bias === null ? z : ops.add(z, alongLast(bias, z.rank));
        }),
    },
    adjoint: {
      prepare: conv.forward.prepare,
      run: (s, prepared) => conv.forward.run(s, prepared, null),
    },
    outputShape,
    connections: (inputShape, kernelShape) => {
      const axes = convAxes(outputShape(inputShape, kernelShape), kernelShape, geometry);
      return countsTensor(axes.map(tapsPerInput), at(kernelShape, rank + 1));
    },
    spread: (s, _inputShape, kernelShape) =>
      tf.tidy(() => {
        const ones = tf.ones([...kernelShape.slice(0, rank), 1, 1]);
        return conv.forward.run(sumLastAxis(s), conv.forward.prepare(ones), null);
      }),
    multiplyAdds: (inputShape, kernelShape) =>
      inputShape.reduce((all, size) => all * size, 1) *
      kernelShape.slice(0, rank + 1).reduce((all, size) => all * size, 1),
  };
}

/** A vector in the rank of what it is added to: webgpu adds a bare vector to five axes wrongly. */
function alongLast(bias: tf.Tensor, rank: number): tf.Tensor {
  return ops.reshape(bias, [...new Array<number>(rank - 1).fill(1), bias.size]);
}

/** Shape of the kernel that a convolution has prepared for its adjoint: `[...window, cout, cin]`. */
function transposedKernelShape(prepared: readonly tf.Tensor[], strides: readonly number[], choices: KernelChoices) {
  if (strides.length === 2) return preparedKernelShape(prepared, strides, choices);
  const plane = strides.slice(-2);
  const phases = at(plane, 0) * at(plane, 1);
  // Three axes keep the phases of each depth tap.
  return [prepared.length / phases, ...phasedKernelShape(prepared, plane)];
}
