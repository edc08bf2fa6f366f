import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { kernelChoices } from './choices.js';
import { type AxisGeometry, at, type ConvOptions, countsTensor, spatialAxes, tapsPerOutput } from './conv-geometry.js';
import { convolveDepthwise } from './convolve.js';
import { takeExtents, withPadding } from './crop.js';
import type { LinearOp, Shape } from './linear-op.js';
import { isNative, nativeDepthwiseAdjoint } from './native.js';
import { asPlanes, type PlanePad, planePad } from './plane.js';
import { spreadPlanes } from './stride.js';
import { sumLastAxis } from './sums.js';

/**
 * Depthwise convolution: `x [b, h, w, cin]`, kernel `[kh, kw, cin, mult]`, `z [b, oh, ow, cin * mult]`; output channel
 * `c * mult + m` sees input channel `c` only.
 *
 * Adjoint: zeros are put between the elements of `s` where the stride leaves gaps, then one depthwise convolution with
 * the flipped kernel, every output channel by itself; the `mult` channels that share an input are added up. The zeros
 * cost less than one convolution per stride phase here, because wasm's depthwise kernels are bound by memory.
 *
 * @param choices How the adjoint is computed; default what suits the backend.
 */
export function depthwiseOp(options: ConvOptions, choices = kernelChoices): LinearOp {
  const axesOf = (inputShape: Shape, window: Shape) => spatialAxes(inputShape.slice(1, 3), window.slice(0, 2), options);
  const outputShape = (inputShape: Shape, kernelShape: Shape) => [
    at(inputShape, 0),
    ...axesOf(inputShape, kernelShape).map((axis) => axis.output),
    at(kernelShape, 2) * at(kernelShape, 3),
  ];
  const strided = options.strides.some((stride) => stride > 1);
  const native = () => strided && isNative(options.dilations) && choices().stridedDepthwiseAdjoint === 'native';
  const adjoint: LinearOp['adjoint'] = {
    prepare: (kernel) => {
      if (native()) return [kernel];
      const [kh, kw, cin, mult] = sizes(kernel.shape);
      return [tf.tidy(() => ops.reshape(tf.reverse(kernel, [0, 1]), [kh, kw, cin * mult, 1]))];
    },
    run: (s, prepared, inputShape) =>
      tf.tidy(() => {
        const kernel = at(prepared, 0);
        const axes = axesOf(inputShape, kernel.shape);
        if (native()) return nativeDepthwiseAdjoint(s, kernel, axes, inputShape);
        const c = depthwiseAdjoint(s, kernel, axes);
        return sumGroups(c, at(inputShape, 3));
      }),
  };
  return {
    name: 'depthwise-conv2d',
    forward: {
      prepare: (kernel) => [kernel],
      run: (x, prepared, bias) =>
        tf.tidy(() => {
          const kernel = at(prepared, 0);
          return depthwise(x, kernel, bias, axesOf(x.shape, kernel.shape), options);
        }),
    },
    adjoint,
    outputShape,
    connections: (inputShape, kernelShape) => countsTensor(axesOf(inputShape, kernelShape).map(tapsPerOutput), 1),
    spread: (s, inputShape, kernelShape) =>
      tf.tidy(() => {
        const [kh, kw, cin] = sizes(kernelShape);
        return depthwiseAdjoint(sumGroups(s, cin), tf.ones([kh, kw, cin, 1]), axesOf(inputShape, kernelShape));
      }),
    multiplyAdds: (inputShape, kernelShape) =>
      outputShape(inputShape, kernelShape).reduce((product, size) => product * size, 1) *
      at(kernelShape, 0) *
      at(kernelShape, 1),
  };
}

/**
 * Bias fused: keep it as long as the kernel. The fused form takes no explicit padding, and wasm gets `same` wrong where
 * the stride is wider than the window, so such padding goes first.
 */
function depthwise(
  x: tf.Tensor,
  kernel: tf.Tensor,
  bias: tf.Tensor | null,
  axes: readonly AxisGeometry[],
  { strides, padding, dilations }: ConvOptions,
): tf.Tensor {
  const trusted = padding === 'valid' || (padding === 'same' && axes.every((axis) => axis.stride <= axis.size));
  return convolveDepthwise(asPlanes(trusted ? x : withPadding(x, axes)), asPlanes(kernel), bias, {
    strides: [at(strides, 0), at(strides, 1)],
    pad: trusted ? padding : 'valid',
    dilations: [at(dilations, 0), at(dilations, 1)],
  });
}

/** `kernel [kh, kw, channels, 1]` is flipped already; `s [b, oh, ow, channels]` becomes `[b, h, w, channels]`. */
function depthwiseAdjoint(s: tf.Tensor, kernel: tf.Tensor, axes: readonly AxisGeometry[]): tf.Tensor {
  const { full, pad } = spreadOut(s, axes);
  const dilations: [number, number] = [at(axes, 0).dilation, at(axes, 1).dilation];
  return convolveDepthwise(asPlanes(full), asPlanes(kernel), null, { strides: [1, 1], pad, dilations });
}

/** Zeros between the elements of `s`, and what the convolution has still to pad. */
function spreadOut(
  s: tf.Tensor,
  axes: readonly AxisGeometry[],
): { readonly full: tf.Tensor; readonly pad: PlanePad | 'valid' } {
  const around = axes.map(margins);
  const full = spreadPlanes(asPlanes(s), [at(axes, 0).stride, at(axes, 1).stride]);
  if (around.every(({ before, after }) => before >= 0 && after >= 0)) return { full, pad: planePad(around) };
  const wanted = around.map(({ before, total }, index) => ({ axis: index + 1, begin: -before, size: total }));
  return { full: takeExtents(full, wanted), pad: 'valid' };
}

/** What lies around the elements of `s` once they are a stride apart; negative where some are not wanted. */
function margins({ input, output, size, stride, dilation, before }: AxisGeometry) {
  const reach = (size - 1) * dilation;
  const total = input + reach;
  return { before: reach - before, after: total - (reach - before) - output * stride, total };
}

/** `[b, h, w, channels * mult] -> [b, h, w, channels]`. */
function sumGroups(x: tf.Tensor, channels: number): tf.Tensor {
  const [b, h, w, all] = sizes(x.shape);
  if (all === channels) return x;
  return ops.reshape(sumLastAxis(ops.reshape(x, [b * h * w * channels, all / channels])), [b, h, w, channels]);
}

function sizes(shape: Shape): [number, number, number, number] {
  return [at(shape, 0), at(shape, 1), at(shape, 2), at(shape, 3)];
}
