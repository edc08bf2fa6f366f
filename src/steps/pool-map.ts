import * as tf from '@tensorflow/tfjs-core';
import { at } from '../kernels/conv-geometry.js';
import type { Shape } from '../kernels/linear-op.js';
import { averagePool, type WindowGeometry, windowCounts, windowSpread, windowSum } from '../kernels/window.js';
import * as ops from '../tensors/ops.js';
import { fixedMap, type LinearMap } from './linear-map.js';

/** Mean of each window, padding not counted: the map of average pooling over `x [batch, ...spatial, channels]`. */
export function averagePoolMap(geometry: WindowGeometry): LinearMap {
  return fixedMap({
    name: `average pool ${nameOfWindow(geometry)}`,
    forward: (xs) => averagePool(at(xs, 0), geometry),
    adjoint: (s, shapes) => {
      const shape = at(shapes, 0);
      return [tf.tidy(() => windowSpread(ops.div(s, windowCounts(shape, geometry)), geometry, shape))];
    },
    ...windowConnections(geometry),
  });
}

/** Sum of each window: the candidates of max pooling. */
export function windowSumMap(geometry: WindowGeometry): LinearMap {
  const counted = windowConnections(geometry);
  return fixedMap({
    name: `window sum ${nameOfWindow(geometry)}`,
    forward: (xs) => windowSum(at(xs, 0), geometry),
    adjoint: counted.spread,
    ...counted,
  });
}

/** Mean over whole axes, which vanish: the map of global average pooling. */
export function meanMap(axes: readonly number[]): LinearMap {
  const spread = (s: tf.Tensor, shapes: readonly Shape[]) => [spreadOver(s, axes, at(shapes, 0))];
  return fixedMap({
    name: `mean over ${axes.join(',')}`,
    forward: (xs) => tf.mean(at(xs, 0), [...axes]),
    adjoint: (s, shapes) => tf.tidy(() => spread(ops.div(s, countOf(axes, at(shapes, 0))), shapes)),
    connections: (shapes) => tf.scalar(countOf(axes, at(shapes, 0))),
    spread,
  });
}

/** Sum over whole axes, which vanish: the candidates of global max pooling. */
export function sumOverMap(axes: readonly number[]): LinearMap {
  const spread = (s: tf.Tensor, shapes: readonly Shape[]) => [spreadOver(s, axes, at(shapes, 0))];
  return fixedMap({
    name: `sum over ${axes.join(',')}`,
    forward: (xs) => tf.sum(at(xs, 0), [...axes]),
    adjoint: spread,
    connections: (shapes) => tf.scalar(countOf(axes, at(shapes, 0))),
    spread,
  });
}

/** A shape with size 1 on some axes: what is left after a reduction that keeps them. */
export function keptShape(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

/** Repeats a reduced tensor along the axes it was reduced over. A product with ones: wasm's tile is 100 times slower. */
function spreadOver(s: tf.Tensor, axes: readonly number[], shape: Shape): tf.Tensor {
  return tf.tidy(() => ops.mul(ops.reshape(s, keptShape(shape, axes)), tf.ones([...shape])));
}

function countOf(axes: readonly number[], shape: Shape): number {
  return axes.reduce((product, axis) => product * (shape[axis] ?? 1), 1);
}

function windowConnections(geometry: WindowGeometry) {
  return {
    connections: (shapes: readonly Shape[]) => windowCounts(at(shapes, 0), geometry),
    spread: (s: tf.Tensor, shapes: readonly Shape[]) => [windowSpread(s, geometry, at(shapes, 0))],
  };
}

function nameOfWindow({ sizes, strides, padding }: WindowGeometry): string {
  return `${sizes.join('x')} strides ${strides.join('x')} ${JSON.stringify(padding)}`;
}
