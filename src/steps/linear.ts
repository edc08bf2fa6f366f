import * as tf from '@tensorflow/tfjs-core';
import { axisGeometry, type ConvOptions } from '../kernels/conv-geometry.js';
import { convOp } from '../kernels/conv-op.js';
import { conv3dOp } from '../kernels/conv3d-op.js';
import { denseOp } from '../kernels/dense-op.js';
import { depthwiseOp } from '../kernels/depthwise-op.js';
import type { LinearOp } from '../kernels/linear-op.js';
import { type TransposedConvOptions, transposedConvOp } from '../kernels/transposed-conv-op.js';
import type { WindowGeometry } from '../kernels/window.js';
import type { SymbolicShape } from '../tensors/shape.js';
import { derivedWeight, type Weight } from '../tensors/weight.js';
import { type LinearMap, mapOf } from './linear-map.js';
import { averagePoolMap, meanMap } from './pool-map.js';
import { scaleMap, shiftMap } from './scale-map.js';
import type { LinearStep } from './step.js';
import { averageMap, sumMap } from './sum-map.js';

/** What the makers of convolution steps want to know besides the weights. */
export interface ConvStepOptions extends ConvOptions {
  /** Spatial sizes of the input where they are known: tells whether `same` pads at all. */
  readonly spatial?: SymbolicShape;
}

/** `x [..., in]`, kernel `[in, out]`, bias `[out]` or null. */
export function denseStep(kernel: Weight, bias: Weight | null = null): LinearStep {
  return {
    kind: 'linear',
    name: 'dense',
    map: mapOf(denseOp),
    kernel,
    bias,
    channels: { input: [0], output: [1] },
    shiftsExactly: true,
  };
}

/** Convolution over one, two or three axes, as many as there are strides; kernel `[...window, in, out]`. */
export function convStep(kernel: Weight, bias: Weight | null, options: ConvStepOptions): LinearStep {
  const rank = options.strides.length;
  const op = rank === 3 ? conv3dOp(options) : convOp(options);
  const window = kernel.shape.slice(0, rank);
  return {
    kind: 'linear',
    name: `conv${rank}d ${describe(window, options)}`,
    map: namedMap(op, options),
    kernel,
    bias,
    channels: { input: [rank], output: [rank + 1] },
    shiftsExactly: !pads(window, options),
  };
}

/** Depthwise convolution over two axes; kernel `[height, width, in, multiplier]`. */
export function depthwiseStep(kernel: Weight, bias: Weight | null, options: ConvStepOptions): LinearStep {
  const window = kernel.shape.slice(0, 2);
  return {
    kind: 'linear',
    name: `depthwise ${describe(window, options)}`,
    map: namedMap(depthwiseOp(options), options),
    kernel,
    bias,
    channels: { input: [2], output: [2, 3] },
    shiftsExactly: !pads(window, options),
  };
}

/** Transposed convolution over two or three axes; kernel `[...window, out, in]`. */
export function transposedConvStep(kernel: Weight, bias: Weight | null, options: TransposedConvOptions): LinearStep {
  const rank = options.strides.length;
  return {
    kind: 'linear',
    name: `conv${rank}d transpose ${describe(kernel.shape.slice(0, rank), options)}`,
    map: namedMap(transposedConvOp(options), options),
    kernel,
    bias,
    channels: { input: [rank + 1], output: [rank] },
    shiftsExactly: false,
  };
}

/**
 * `y = scale x + shift`, factors and shifts `[channels]` along one axis of `x`, counted from the end (-1 is the
 * last): batch normalization.
 */
export function scaleStep(scale: Weight, shift: Weight | null, axis: number, name = 'scale'): LinearStep {
  return {
    kind: 'linear',
    name,
    map: scaleMap(axis),
    kernel: scale,
    bias: shift,
    shiftsExactly: true,
    biasAxis: axis,
    diagonal: true,
    foldsAlong: axis,
  };
}

/** `y = scale x + offset` with two numbers: rescaling of pixels. */
export function rescaleStep(scale: number, offset: number): LinearStep {
  return {
    kind: 'linear',
    name: 'rescale',
    map: scaleMap(null),
    kernel: derivedWeight(`rescale/scale ${scale}`, [], [], () => tf.scalar(scale)),
    bias: offset === 0 ? null : derivedWeight(`rescale/offset ${offset}`, [], [], () => tf.scalar(offset)),
    shiftsExactly: true,
    diagonal: true,
  };
}

/** `y = x + bias`, the bias `[n]` running along an axis of `x`, counted from the end. */
export function shiftStep(bias: Weight, axis: number): LinearStep {
  return {
    kind: 'linear',
    name: 'bias',
    map: shiftMap(axis),
    kernel: null,
    bias,
    biasAxis: axis,
    shiftsExactly: true,
    diagonal: true,
  };
}

/** The sum of its inputs, broadcast against each other: Add. */
export function addStep(): LinearStep {
  return fixedStep('add', sumMap());
}

/** The mean of its inputs, broadcast against each other: Average. */
export function averageStep(): LinearStep {
  return fixedStep('average', averageMap());
}

/** The mean of each window of `x [batch, ...spatial, channels]`; padding is not counted. */
export function averagePoolStep(geometry: WindowGeometry, name = 'average pool'): LinearStep {
  return fixedStep(name, averagePoolMap(geometry));
}

/** The mean over whole axes, which vanish. */
export function globalAverageStep(axes: readonly number[], name = 'global average pool'): LinearStep {
  return fixedStep(name, meanMap(axes));
}

/** A linear map without weights as a step. */
export function fixedStep(name: string, map: LinearMap): LinearStep {
  return { kind: 'linear', name, map, kernel: null, bias: null };
}

/** `3x3 /2 dilated 2`: window, strides and dilations, the latter two where they are not 1. */
export function describe(
  window: readonly number[],
  { strides, dilations = [] }: { readonly strides: readonly number[]; readonly dilations?: readonly number[] },
): string {
  const stride = strides.every((size) => size === 1) ? '' : ` /${times(strides)}`;
  const dilation = dilations.every((size) => size === 1) ? '' : ` dilated ${times(dilations)}`;
  return `${window.join('x')}${stride}${dilation}`;
}

/** One number where all are equal. */
function times(sizes: readonly number[]): string {
  return sizes.every((size) => size === sizes[0]) ? String(sizes[0]) : sizes.join('x');
}

/** The name of a map, with the weight, is the key of prepared kernels: it has to say all of the geometry. */
function namedMap(op: LinearOp, options: ConvOptions | TransposedConvOptions): LinearMap {
  const dilations = 'dilations' in options ? ` dilations ${options.dilations.join('x')}` : '';
  const name = `${op.name} strides ${options.strides.join('x')}${dilations} ${JSON.stringify(options.padding)}`;
  return { ...mapOf(op), name };
}

/** Whether zeros stand in for inputs. Where the input's size is not known, whether they might. */
function pads(window: readonly number[], options: ConvStepOptions): boolean {
  const { padding, strides, dilations, spatial = [] } = options;
  if (padding === 'valid') return false;
  return window.some((size, axis) => {
    const input = spatial[axis] ?? null;
    if (input === null) return size > 1;
    const own = padding === 'same' ? padding : (padding[axis] ?? 'same');
    const { before, after } = axisGeometry(input, size, strides[axis] ?? 1, dilations[axis] ?? 1, own);
    return before + after > 0;
  });
}
