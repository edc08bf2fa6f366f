import * as tf from '@tensorflow/tfjs-core';
import { denseOp } from '../kernels/dense-op.js';
import type { Weight } from '../tensors/weight.js';
import type { LinearMap } from './linear-map.js';
import type { LinearStep } from './step.js';

/**
 * `z = x W + h U + b` as one linear step of two inputs (or more), so that both share one denominator: the kernel holds
 * `W` above `U`, `[Σ inputs, units]`.
 */
export function jointDenseStep(kernel: Weight, bias: Weight | null): LinearStep {
  return { kind: 'linear', name: 'dense', map: jointDenseMap, kernel, bias, shiftsExactly: true };
}

const jointDenseMap: LinearMap = {
  name: 'joint dense',
  prepareForward: (kernel) => denseOp.forward.prepare(kernel),
  forward: (xs, prepared, bias) => tf.tidy(() => denseOp.forward.run(tf.concat([...xs], -1), prepared, bias)),
  prepareAdjoint: (kernel) => denseOp.adjoint.prepare(kernel),
  adjoint: (s, prepared, shapes) => tf.tidy(() => parts(denseOp.adjoint.run(s, prepared, jointShape(shapes)), shapes)),
  connections: (shapes, kernelShape) => denseOp.connections(jointShape(shapes), kernelShape),
  spread: (s, shapes, kernelShape) => {
    const joint = jointShape(shapes);
    return tf.tidy(() => parts(tf.mul(denseOp.spread(s, joint, kernelShape), tf.ones([...joint])), shapes));
  },
  multiplyAdds: (shapes, kernelShape) => denseOp.multiplyAdds(jointShape(shapes), kernelShape),
};

function jointShape(shapes: readonly (readonly number[])[]): number[] {
  return [...(shapes[0] ?? []).slice(0, -1), shapes.reduce((sum, shape) => sum + lastOf(shape), 0)];
}

function parts(joint: tf.Tensor, shapes: readonly (readonly number[])[]): tf.Tensor[] {
  return tf.split(joint, shapes.map(lastOf), -1);
}

function lastOf(shape: readonly number[]): number {
  return shape[shape.length - 1] ?? 0;
}
