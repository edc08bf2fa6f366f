import { engine, type NamedAttrMap, type Tensor } from '@tensorflow/tfjs-core';
import type { AxisGeometry } from './conv-geometry.js';
import type { Shape } from './linear-op.js';
import { planePad } from './plane.js';

// tfjs' own adjoints. The operations around them (conv2dTranspose and the like) take no explicit padding.

/** `c` of `inputShape` for `s [b, oh, ow, cout]` and the kernel as it lies, `[kh, kw, cin, cout]`. No dilation. */
export function nativeConvAdjoint(s: Tensor, kernel: Tensor, axes: readonly AxisGeometry[], inputShape: Shape): Tensor {
  return run('Conv2DBackpropInput', s, kernel, {
    strides: axes.map((axis) => axis.stride),
    pad: planePad(axes),
    dataFormat: 'NHWC',
    inputShape: [...inputShape],
  });
}

/** As {@link nativeConvAdjoint}, for a depthwise kernel `[kh, kw, cin, mult]` and `s [b, oh, ow, cin * mult]`. */
export function nativeDepthwiseAdjoint(
  s: Tensor,
  kernel: Tensor,
  axes: readonly AxisGeometry[],
  inputShape: Shape,
): Tensor {
  return run('DepthwiseConv2dNativeBackpropInput', s, kernel, {
    strides: axes.map((axis) => axis.stride),
    dilations: [1, 1],
    pad: planePad(axes),
    inputShape: [...inputShape],
  });
}

/** Whether tfjs' adjoints know such a geometry: they take no dilation. */
export function isNative(dilations: readonly number[]): boolean {
  return dilations.every((dilation) => dilation === 1);
}

function run(name: string, dy: Tensor, filter: Tensor, attributes: NamedAttrMap): Tensor {
  return engine().runKernel<Tensor>(name, { dy, filter }, attributes);
}
