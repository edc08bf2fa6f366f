import * as tf from '@tensorflow/tfjs-core';
import { type PlanePad, padAttribute, padPlanes } from './plane.js';
import { isShortOfFour } from './short-of-four.js';

// The kernels themselves. `tf.fused` prepares a gradient at every call, which nobody asks for here, and it and `tf.conv2d`
// check and work out what their callers here know: on small maps that takes longer than it should.

/** How a window moves over planes. */
export interface PlaneWindow {
  readonly strides: readonly [number, number];
  readonly pad: PlanePad | 'valid' | 'same';
  readonly dilations: readonly [number, number];
}

/** `x [b, h, w, cin]`, kernel `[kh, kw, cin, cout]`; a bias `[cout]` is fused. */
export function convolvePlanes(
  x: tf.Tensor4D,
  kernel: tf.Tensor4D,
  bias: tf.Tensor | null,
  window: PlaneWindow & { readonly pad: PlanePad | 'valid' },
): tf.Tensor4D {
  const { pad } = window;
  if (pad !== 'valid' && isShortOfFour(x.shape[3])) {
    return tf.tidy(() => convolvePlanes(padPlanes(x, pad), kernel, bias, { ...window, pad: 'valid' }));
  }
  if (bias) return run(tf.FusedConv2D, { x, filter: kernel, bias }, { ...window, activation: 'linear' });
  return run(tf.Conv2D, { x, filter: kernel }, window);
}

/** `x [b, h, w, cin]`, kernel `[kh, kw, cin, mult]`; a bias `[cin * mult]` is fused, where padding is not spelt out. */
export function convolveDepthwise(x: tf.Tensor4D, kernel: tf.Tensor4D, bias: tf.Tensor | null, window: PlaneWindow) {
  if (bias) return run(tf.FusedDepthwiseConv2D, { x, filter: kernel, bias }, { ...window, activation: 'linear' });
  return run(tf.DepthwiseConv2dNative, { x, filter: kernel }, window);
}

function run(name: string, inputs: tf.NamedTensorMap, { strides, pad, dilations, ...others }: Attributes): tf.Tensor4D {
  const attributes = {
    strides: [...strides],
    pad: padAttribute(pad),
    dataFormat: 'NHWC',
    dilations: [...dilations],
    ...others,
  };
  return tf.engine().runKernel<tf.Tensor4D>(name, inputs, attributes);
}

type Attributes = PlaneWindow & { readonly activation?: string };
