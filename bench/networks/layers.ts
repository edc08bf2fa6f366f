import * as tfl from '@tensorflow/tfjs-layers';

/** A symbolic tensor. */
export type Node = tfl.SymbolicTensor;

/** Applies a layer that has one output. */
export function apply(layer: tfl.layers.Layer, x: Node | Node[]): Node {
  return layer.apply(x) as Node; // Symbolic in, symbolic out; the type of tfjs also allows tensors.
}

/** What the convolutions of the networks differ in. */
export interface Convolution {
  readonly filters: number;
  readonly size: number;
  readonly stride: number;
  readonly padding: 'same' | 'valid';
  readonly useBias: boolean;
}

/** Adds a convolution without activation. */
export function convolve(x: Node, { filters, size, stride, padding, useBias }: Convolution): Node {
  const layer = tfl.layers.conv2d({
    filters,
    kernelSize: size,
    strides: stride,
    padding,
    useBias,
    kernelInitializer: 'zeros',
  });
  return apply(layer, x);
}

/** Adds a 3x3 depthwise convolution without bias, padded as the MobileNets of Keras are. */
export function depthwise(x: Node, stride: number): Node {
  const padded = stride === 1 ? x : padEnd(x);
  const layer = tfl.layers.depthwiseConv2d({
    kernelSize: 3,
    strides: stride,
    padding: stride === 1 ? 'same' : 'valid',
    useBias: false,
    depthwiseInitializer: 'zeros',
  });
  return apply(layer, padded);
}

/** One row and one column of zeros at the end. */
export function padEnd(x: Node): Node {
  const padding: [[number, number], [number, number]] = [
    [0, 1],
    [0, 1],
  ];
  return apply(tfl.layers.zeroPadding2d({ padding }), x);
}

/** Adds batch normalization and a ReLU that ends at 6. */
export function normalizeAndCap(x: Node): Node {
  return apply(tfl.layers.reLU({ maxValue: 6 }), apply(tfl.layers.batchNormalization({}), x));
}
