import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
import { every } from './choices.js';
import { type AxisGeometry, at, axisGeometry, type ConvOptions } from './conv-geometry.js';
import { convCounts, convOp } from './conv-op.js';
import type { LinearOp } from './linear-op.js';
import { placeTaps, takeTap } from './taps.js';

/**
 * Convolution over three axes, `x [b, d, h, w, c]`, kernel `[kd, kh, kw, cin, cout]`, as a sum of plane convolutions,
 * one per tap of the depth: `z_o = Σ_t conv2d(x_(o s + t d - p), w_t)`. On wasm conv3d is a scalar loop, some 70 times
 * slower than this, and its own gradient for the input is wrong; plane convolutions are fast and right everywhere.
 */
export function conv3dOp(options: ConvOptions): LinearOp {
  const { strides, padding, dilations } = options;
  // Composed on every backend: how many tensors a tap is made into has to be known.
  const plane = convOp(
    {
      strides: strides.slice(1),
      padding: typeof padding === 'string' ? padding : padding.slice(1),
      dilations: dilations.slice(1),
    },
    () => every('composed'),
  );
  const depth = (input: number, taps: number): AxisGeometry => {
    const own = typeof padding === 'string' ? padding : at(padding, 0);
    return axisGeometry(input, taps, at(strides, 0), at(dilations, 0), own);
  };
  // Plane tensors per depth tap: one going forward, one per stride phase going back.
  const perTap = at(strides, 1) * at(strides, 2);
  const adjoint: LinearOp['adjoint'] = {
    prepare: (kernel) => tf.tidy(() => depthTaps(kernel).flatMap((tap) => plane.adjoint.prepare(tap))),
    run: (s, prepared, inputShape) =>
      tf.tidy(() => {
        const [batch, input] = [at(inputShape, 0), at(inputShape, 1)];
        const axis = depth(input, prepared.length / perTap);
        const slabs = [batch * axis.output, ...inputShape.slice(2)];
        const makeParts = () =>
          Array.from({ length: axis.size }, (_, tap) => {
            const kernels = prepared.slice(tap * perTap, (tap + 1) * perTap);
            return stack(plane.adjoint.run(flatten(s), kernels, slabs), batch);
          });
        return placeTaps(makeParts, 1, axis);
      }),
  };
  return {
    name: 'conv3d',
    forward: {
      prepare: (kernel) => tf.tidy(() => depthTaps(kernel)),
      run: (x, prepared, bias) =>
        tf.tidy(() => {
          const axis = depth(at(x.shape, 1), prepared.length);
          return prepared
            .map((kernel, tap) =>
              tf.tidy(() => {
                const slabs = flatten(takeTap(x, 1, axis, tap));
                return stack(plane.forward.run(slabs, [kernel], tap === 0 ? bias : null), at(x.shape, 0));
              }),
            )
            .reduce((sum, part) => ops.add(sum, part));
        }),
    },
    adjoint,
    ...convCounts(options, adjoint),
  };
}

/** `[kd, kh, kw, cin, cout]` as `kd` new kernels of a plane convolution. */
function depthTaps(kernel: tf.Tensor): tf.Tensor[] {
  return Array.from({ length: at(kernel.shape, 0) }, (_, tap) =>
    ops.reshape(tf.slice(kernel, [tap, 0, 0, 0, 0], [1, -1, -1, -1, -1]), kernel.shape.slice(1)),
  );
}

/** `[b, d, h, w, c]` as `[b d, h, w, c]`: slices in depth are samples to a plane convolution. */
function flatten(x: tf.Tensor): tf.Tensor {
  return ops.reshape(x, [at(x.shape, 0) * at(x.shape, 1), ...x.shape.slice(2)]);
}

/** Undoes `flatten`. */
function stack(x: tf.Tensor, batch: number): tf.Tensor {
  return ops.reshape(x, [batch, at(x.shape, 0) / batch, ...x.shape.slice(1)]);
}
