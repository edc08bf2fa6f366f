import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { reshaped } from '../tensors/reshaped.js';
import { type KernelChoices, kernelChoices, type Way } from './choices.js';
import { type AxisGeometry, at, type ConvOptions, countsTensor, spatialAxes, tapsPerOutput } from './conv-geometry.js';
import { convolvePlanes } from './convolve.js';
import type { LinearOp, Shape } from './linear-op.js';
import { isNative, nativeConvAdjoint } from './native.js';
import { phasedKernelShape, phasedKernelSize, phaseKernels, runPhases } from './phases.js';
import { planePad } from './plane.js';
import { sumLastAxis } from './sums.js';

/**
 * Convolution over one axis, `x [b, w, c]` with kernel `[k, cin, cout]`, or over two, `x [b, h, w, c]` with kernel
 * `[kh, kw, cin, cout]`: `z_o = Σ_t w_t x_(o s + t d - p)`. The number of strides says which. One axis runs as two with
 * height 1. The bias is fused: keep it as long as the kernel, because wasm packs the kernel anew for a new bias.
 *
 * @param choices How the adjoint is computed; default what suits the backend.
 */
export function convOp(options: ConvOptions, choices = kernelChoices): LinearOp {
  const rank = options.strides.length;
  const plane = planeOptions(options);
  const adjoint: LinearOp['adjoint'] = {
    prepare: (kernel) => {
      const laid = planeKernel(kernel, rank);
      if (wayOf(plane, choices()) === 'native') return [rank === 2 ? kernel : laid];
      return tf.tidy(() => phaseKernels(laid, plane.strides));
    },
    run: (s, prepared, inputShape) =>
      tf.tidy(() => {
        const shape = planeShape(inputShape, rank);
        const native = wayOf(plane, choices()) === 'native';
        const size = native ? at(prepared, 0).shape.slice(0, 2) : phasedKernelSize(prepared, plane.strides);
        const axes = spatialAxes(shape.slice(1, 3), size, plane);
        const laid = planeTensor(s, rank);
        const c = native
          ? nativeConvAdjoint(laid, at(prepared, 0), axes, shape)
          : runPhases(laid, prepared, axes, shape);
        return reshaped(c, [...inputShape]);
      }),
  };
  return {
    name: `conv${rank}d`,
    forward: {
      prepare: (kernel) => [kernel],
      run: (x, prepared, bias) => {
        const run = () => convolve(x, at(prepared, 0), bias, plane, rank);
        return rank === 2 ? run() : tf.tidy(run);
      },
    },
    adjoint,
    ...convCounts(options, adjoint),
  };
}

/** How the adjoint of a convolution over two axes is computed. */
function wayOf({ strides, dilations }: ConvOptions, { convAdjoint, stridedConvAdjoint }: KernelChoices): Way {
  if (!isNative(dilations)) return 'composed';
  return strides.every((stride) => stride === 1) ? convAdjoint : stridedConvAdjoint;
}

/** Shape `[kh, kw, cin, cout]` of the kernel that `convOp` prepared for its adjoint; the convolution has no dilation. */
export function preparedKernelShape(
  prepared: readonly tf.Tensor[],
  strides: readonly number[],
  choices: KernelChoices,
) {
  const native = wayOf({ strides, dilations: [1, 1], padding: 'same' }, choices) === 'native';
  return native ? at(prepared, 0).shape : phasedKernelShape(prepared, strides);
}

/** The parts of a convolution that only count connections, the same for any number of spatial axes. */
export function convCounts(
  options: ConvOptions,
  adjoint: LinearOp['adjoint'],
): Pick<LinearOp, 'connections' | 'spread' | 'outputShape' | 'multiplyAdds'> {
  const rank = options.strides.length;
  const outputShape = (inputShape: Shape, kernelShape: Shape) => [
    at(inputShape, 0),
    ...convAxes(inputShape, kernelShape, options).map((axis) => axis.output),
    at(kernelShape, rank + 1),
  ];
  return {
    outputShape,
    connections: (inputShape, kernelShape) =>
      countsTensor(convAxes(inputShape, kernelShape, options).map(tapsPerOutput), at(kernelShape, rank)),
    // All channels of a kernel of ones are alike: one channel does, and the result broadcasts.
    spread: (s, inputShape, kernelShape) =>
      tf.tidy(() => {
        const ones = tf.ones([...kernelShape.slice(0, rank), 1, 1]);
        return adjoint.run(sumLastAxis(s), adjoint.prepare(ones), [...inputShape.slice(0, -1), 1]);
      }),
    multiplyAdds: (inputShape, kernelShape) =>
      product(outputShape(inputShape, kernelShape)) * product(kernelShape.slice(0, rank + 1)),
  };
}

/** Spatial axes of a convolution, for an input `[b, ...spatial, c]` and a kernel `[...window, cin, cout]`. */
export function convAxes(inputShape: Shape, kernelShape: Shape, options: ConvOptions): AxisGeometry[] {
  return spatialAxes(inputShape.slice(1, -1), kernelShape.slice(0, options.strides.length), options);
}

/** Padding is always spelt out: wasm gets `same` wrong where the stride is wider than the window on one axis. */
function convolve(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor | null, plane: ConvOptions, rank: number) {
  const [image, filter] = [planeTensor(x, rank), planeKernel(kernel, rank)];
  const z = convolvePlanes(image, filter, bias, {
    strides: [at(plane.strides, 0), at(plane.strides, 1)],
    pad: planePad(convAxes(image.shape, filter.shape, plane)),
    dilations: [at(plane.dilations, 0), at(plane.dilations, 1)],
  });
  return rank === 1 ? ops.reshape(z, [z.shape[0], z.shape[2], z.shape[3]]) : z;
}

/** One axis as two: options, shapes and tensors get a height of 1. */
function planeOptions(options: ConvOptions): ConvOptions {
  if (options.strides.length === 2) return options;
  const { strides, dilations, padding } = options;
  return {
    strides: [1, ...strides],
    dilations: [1, ...dilations],
    padding: typeof padding === 'string' ? padding : [[0, 0], ...padding],
  };
}

function planeShape(shape: Shape, rank: number): Shape {
  return rank === 2 ? shape : [at(shape, 0), 1, ...shape.slice(1)];
}

function planeTensor(x: tf.Tensor, rank: number): tf.Tensor4D {
  const [b = 0, h = 0, w = 0, c = 0] = planeShape(x.shape, rank);
  return reshaped(x, [b, h, w, c]);
}

function planeKernel(kernel: tf.Tensor, rank: number): tf.Tensor4D {
  const [kh = 0, kw = 0, cin = 0, cout = 0] = rank === 2 ? kernel.shape : [1, ...kernel.shape];
  return reshaped(kernel, [kh, kw, cin, cout]);
}

function product(sizes: Shape): number {
  return sizes.reduce((all, size) => all * size, 1);
}
