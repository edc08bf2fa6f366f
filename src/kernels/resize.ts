import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { at } from './conv-geometry.js';
import type { Shape } from './linear-op.js';
import { asPlanes } from './plane.js';
import { type WindowGeometry, windowSpread, windowSum } from './window.js';

/** How `tf.image.resize…` maps positions; corners are never aligned. */
export interface ResizeGeometry {
  readonly method: 'nearest' | 'bilinear';
  /** Height and width of the result. */
  readonly size: readonly [height: number, width: number];
  readonly halfPixelCenters: boolean;
}

/**
 * Resizes `x [b, h, w, c]` to `[b, height, width, c]` as the linear map `z = A_h x A_wᵀ`, one small matrix per axis.
 * Bilinear interpolation has a kernel that is fast and right everywhere, and nearest neighbours at a whole factor, the
 * usual upsampling, repeat elements. Other nearest neighbours go by the matrices, because backends round positions
 * differently and the adjoint must agree.
 */
export function resizeForward(x: tf.Tensor, geometry: ResizeGeometry): tf.Tensor {
  return tf.tidy(() => {
    const factors = wholeFactors(x.shape, geometry);
    const outputShape = [at(x.shape, 0), ...geometry.size, at(x.shape, 3)];
    if (factors !== null) return windowSpread(x, factors, outputShape);
    if (geometry.method === 'bilinear') {
      return tf.image.resizeBilinear(asPlanes(x), [...geometry.size], false, geometry.halfPixelCenters);
    }
    const [rows, columns] = matrices(x.shape, geometry);
    return alongHeight(alongWidth(x, tf.transpose(columns)), rows);
  });
}

/** Adjoint of `resizeForward`, `c = A_hᵀ s A_w`: `s [b, height, width, c]`, result of the shape `inputShape`. */
export function resizeAdjoint(s: tf.Tensor, geometry: ResizeGeometry, inputShape: Shape): tf.Tensor {
  return tf.tidy(() => {
    const factors = wholeFactors(inputShape, geometry);
    if (factors !== null) return windowSum(s, factors);
    const [rows, columns] = matrices(inputShape, geometry);
    return alongHeight(alongWidth(s, columns), tf.transpose(rows));
  });
}

/** Repeating elements is the adjoint of a sum over windows that tile the result. */
function wholeFactors(inputShape: Shape, { method, size }: ResizeGeometry): WindowGeometry | null {
  const factors = size.map((output, index) => output / at(inputShape, index + 1));
  if (method !== 'nearest' || !factors.every(Number.isInteger)) return null;
  return { sizes: factors, strides: factors, padding: 'valid' };
}

/** `A_h [height, h]` and `A_w [width, w]`. */
function matrices(inputShape: Shape, geometry: ResizeGeometry): [rows: tf.Tensor2D, columns: tf.Tensor2D] {
  const [height, width] = geometry.size;
  return [weights(at(inputShape, 1), height, geometry), weights(at(inputShape, 2), width, geometry)];
}

/**
 * `A [output, input]`. A nearest neighbour is one entry 1 per row; bilinear interpolation between elements `lo` and
 * `lo + 1` is `1 - f` and `f`, and a single 1 where the position lies beyond the first or last element.
 */
function weights(input: number, output: number, geometry: ResizeGeometry): tf.Tensor2D {
  const matrix = new Float32Array(output * input);
  const add = (row: number, column: number, weight: number) => {
    const index = row * input + Math.min(Math.max(column, 0), input - 1);
    matrix[index] = (matrix[index] ?? 0) + weight;
  };
  for (let row = 0; row < output; row++) {
    const position = sourcePosition(row, input / output, geometry);
    const lo = Math.floor(position);
    const fraction = geometry.method === 'nearest' ? 0 : position - lo;
    add(row, lo, 1 - fraction);
    add(row, lo + 1, fraction);
  }
  return tf.tensor2d(matrix, [output, input]);
}

/** Where a row of the result lies in the source. Half-pixel centres are centres of areas, except to nearest. */
function sourcePosition(row: number, scale: number, { method, halfPixelCenters }: ResizeGeometry): number {
  if (!halfPixelCenters) return row * scale;
  return (row + 0.5) * scale - (method === 'bilinear' ? 0.5 : 0);
}

/**
 * `x [b, h, w, c]` times `right [w, n]` on the width. Width and channels change places, so that one product with the
 * small matrix does for all rows: wasm transposes rank 3 and multiplies by one matrix fast, by batches of them not.
 */
function alongWidth(x: tf.Tensor, right: tf.Tensor2D): tf.Tensor4D {
  const [b, h, w, c] = [at(x.shape, 0), at(x.shape, 1), at(x.shape, 2), at(x.shape, 3)];
  const size = right.shape[1];
  const turned = ops.reshape<tf.Rank.R2>(tf.transpose(ops.reshape(x, [b * h, w, c]), [0, 2, 1]), [b * h * c, w]);
  const product = ops.reshape(ops.matMul(turned, right), [b * h, c, size]);
  return ops.reshape(tf.transpose(product, [0, 2, 1]), [b, h, size, c]);
}

/**
 * `left [n, h]` times `x [b, h, w, c]` on the height, sample by sample. `x` must be a tensor made here: wasm packs the
 * right operand of a product once per data, and would mistake it if it has been one before in another shape.
 */
function alongHeight(x: tf.Tensor4D, left: tf.Tensor2D): tf.Tensor {
  const [b, h, w, c] = x.shape;
  const samples = b === 1 ? [x] : tf.split(x, b);
  const products = samples.map((sample) =>
    ops.reshape(ops.matMul(left, ops.reshape(sample, [h, w * c])), [1, -1, w, c]),
  );
  return products.length === 1 ? at(products, 0) : tf.concat(products);
}
