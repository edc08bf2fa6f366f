import * as tf from '@tensorflow/tfjs-core';
import type { LinearOp } from '../kernels/linear-op.js';
import * as ops from '../tensors/ops.js';
import type { Shape } from '../tensors/shape.js';

/**
 * A linear map `z = W x` of one or several tensors, without bias, that can be asked again with another kernel: the
 * positive part of `W`, its squares, and so on. Maps without weights (sums, averages) have fixed coefficients that are
 * never negative; their kernel is a scalar 1.
 *
 * Whoever calls keeps what `prepare…` returns for as long as the kernel lives.
 */
export interface LinearMap {
  /** With the weight, the key of what is prepared: it has to say all of the geometry. */
  readonly name: string;
  /** What `forward` wants of the kernel. */
  prepareForward(kernel: tf.Tensor): tf.Tensor[];
  /** `z_j = Σ_i w_ij x_i (+ b_j)`; the bias is a vector over the last axis, or null. */
  forward(xs: readonly tf.Tensor[], prepared: readonly tf.Tensor[], bias: tf.Tensor | null): tf.Tensor;
  /** What `adjoint` wants of the kernel. */
  prepareAdjoint(kernel: tf.Tensor): tf.Tensor[];
  /** `c_i = Σ_j w_ij s_j`, one tensor per input. */
  adjoint(s: tf.Tensor, prepared: readonly tf.Tensor[], shapes: readonly Shape[]): tf.Tensor[];
  /** Number of inputs that reach each output; broadcasts to `z`. Padding is no input. */
  connections(shapes: readonly Shape[], kernelShape: Shape): tf.Tensor;
  /** `Σ_j c_ij s_j` with `c_ij = 1` where a connection exists; broadcasts to the inputs. */
  spread(s: tf.Tensor, shapes: readonly Shape[], kernelShape: Shape): tf.Tensor[];
  /** Multiply-adds of one forward pass; the adjoint has as many. */
  multiplyAdds(shapes: readonly Shape[], kernelShape: Shape): number;
  /** Shape of `z`; absent where nobody needs it. */
  outputShape?(shapes: readonly Shape[], kernelShape: Shape): readonly number[];
}

/** A linear operation of one input as a map. */
export function mapOf(op: LinearOp): LinearMap {
  return {
    name: op.name,
    prepareForward: (kernel) => op.forward.prepare(kernel),
    forward: (xs, prepared, bias) => op.forward.run(only(xs), prepared, bias),
    prepareAdjoint: (kernel) => op.adjoint.prepare(kernel),
    adjoint: (s, prepared, shapes) => [op.adjoint.run(s, prepared, only(shapes))],
    connections: (shapes, kernelShape) => op.connections(only(shapes), kernelShape),
    spread: (s, shapes, kernelShape) => [op.spread(s, only(shapes), kernelShape)],
    multiplyAdds: (shapes, kernelShape) => op.multiplyAdds(only(shapes), kernelShape),
    outputShape: (shapes, kernelShape) => op.outputShape(only(shapes), kernelShape),
  };
}

/** What a map with fixed coefficients is made of. */
export interface FixedMap {
  /** Printed in the plan. */
  readonly name: string;
  /** `z_j = Σ_i w_ij x_i`. */
  forward(xs: readonly tf.Tensor[]): tf.Tensor;
  /** `c_i = Σ_j w_ij s_j`, one tensor per input. */
  adjoint(s: tf.Tensor, shapes: readonly Shape[]): tf.Tensor[];
  /** Number of inputs that reach each output; broadcasts to `z`. */
  connections(shapes: readonly Shape[]): tf.Tensor;
  /** As `adjoint`, every coefficient being 1. */
  spread(s: tf.Tensor, shapes: readonly Shape[]): tf.Tensor[];
}

/** A map without weights. A kernel other than 1 scales it. */
export function fixedMap(map: FixedMap): LinearMap {
  return {
    name: map.name,
    prepareForward: (kernel) => [kernel],
    forward: (xs, _prepared, bias) => tf.tidy(() => (bias ? ops.add(map.forward(xs), bias) : map.forward(xs))),
    prepareAdjoint: (kernel) => [kernel],
    adjoint: (s, _prepared, shapes) => map.adjoint(s, shapes),
    connections: (shapes) => map.connections(shapes),
    spread: (s, shapes) => map.spread(s, shapes),
    multiplyAdds: (shapes) => shapes.reduce((total, shape) => total + shape.reduce((a, b) => a * b, 1), 0),
  };
}

function only<T>(list: readonly T[]): T {
  const [first] = list;
  if (first === undefined) throw new Error('internal: a linear map needs an input');
  return first;
}
