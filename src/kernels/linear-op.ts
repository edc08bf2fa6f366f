import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../tensors/shape.js';

export type { Shape };

/**
 * One direction of a linear map. `prepare` turns a kernel into the tensors that `run` wants (flipped, split by stride
 * phase ...). It is called once per kernel and the caller keeps what it returns; the kernel itself may be among the
 * returned tensors, and is then still the caller's own.
 */
export interface Direction<Extra> {
  prepare(kernel: Tensor): Tensor[];
  run(x: Tensor, prepared: readonly Tensor[], extra: Extra): Tensor;
}

/**
 * A map `z = W x` of one tensor, linear in `x` and in `W`, without bias: the geometry is fixed (strides, padding,
 * dilation), kernel, batch and spatial size are free. It knows neither layers nor rules.
 */
export interface LinearOp {
  readonly name: string;
  /** `z_j = Σ_i w_ij x_i (+ b_j)`. The bias is a vector over the last axis of `z`, or null. */
  readonly forward: Direction<Tensor | null>;
  /** `c_i = Σ_j w_ij s_j`. `extra` is the shape of `x`, batch included. */
  readonly adjoint: Direction<Shape>;
  /** How many inputs reach each output: `Σ_i c_ij`, `c_ij = 1` where a connection exists. Batch 1; broadcasts to `z`. */
  connections(inputShape: Shape, kernelShape: Shape): Tensor;
  /** `Σ_j c_ij s_j` over the same connections; shape of `x`, or broadcastable to it along the channel axis. */
  spread(s: Tensor, inputShape: Shape, kernelShape: Shape): Tensor;
  /** Shape of `z` for an input shape. */
  outputShape(inputShape: Shape, kernelShape: Shape): number[];
  /** Multiply-adds of one forward pass; the adjoint has as many. */
  multiplyAdds(inputShape: Shape, kernelShape: Shape): number;
}
