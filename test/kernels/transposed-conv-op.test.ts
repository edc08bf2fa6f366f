import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { transposedConvOp } from '../../src/kernels/transposed-conv-op.js';
import { runs } from '../runs.js';
import { checkLinearOp, expectClose, read, slidingCases, tensor } from './check.js';
import { convProducts, noise, type Products } from './literal.js';
import { waysOf } from './ways.js';

/** Output size as tf.layers has it. */
function deconvolved(input: number, stride: number, size: number, padding: string): number {
  return padding === 'same' ? input * stride : input * stride + Math.max(size - stride, 0);
}

describe('transposedConvOp', () => {
  const cases = [2, 3].flatMap((rank) =>
    waysOf('stridedConvAdjoint').map(([way, choices]) => ({ rank, way, choices })),
  );
  for (const { rank, way, choices } of cases) {
    it(`agrees with nested loops over ${rank} axes, ${way}`, async () => {
      await fc.assert(
        fc.asyncProperty(slidingCases(rank, rank === 2 ? 4 : 2), async (given) => {
          const { strides } = given.geometry;
          const padding = given.geometry.padding === 'same' ? 'same' : 'valid';
          const [cin, cout] = given.channels;
          const spatial = given.spatial.map((size) => Math.ceil(size / 2));
          const larger = spatial.map((input, axis) =>
            deconvolved(input, strides[axis] ?? 1, given.sizes[axis] ?? 1, padding),
          );
          const inputShape = [given.batch, ...spatial, cin];
          const outputShape = [given.batch, ...larger, cout];
          const kernelShape = [...given.sizes, cout, cin];
          // The convolution that leads back: its products, read from the other end.
          const ones = strides.map(() => 1);
          const conv = convProducts(outputShape, kernelShape, { strides, padding, dilations: ones });
          const products: Products = (visit) => conv.products((from, to, weight) => visit(to, from, weight));
          const op = transposedConvOp({ strides, padding }, choices);
          await checkLinearOp({ op, inputShape, kernelShape, outputShape, products, seed: given.seed });
        }),
        { numRuns: runs(rank === 2 ? 20 : 6) },
      );
    });
  }

  it('computes what tf.conv2dTranspose computes', async () => {
    for (const [padding, size] of [
      ['same', 8],
      ['valid', 9],
    ] as const) {
      const op = transposedConvOp({ strides: [2, 2], padding });
      const [x, w] = [tensor(noise([2, 4, 4, 3], 1)), tensor(noise([3, 3, 5, 3], 2))];
      const shape: [number, number, number, number] = [2, size, size, 5];
      const expected = await read(() => tf.conv2dTranspose(x as tf.Tensor4D, w as tf.Tensor4D, shape, 2, padding));
      expectClose(await read(() => tf.tidy(() => op.forward.run(x, op.forward.prepare(w), null))), expected);
      tf.dispose([x, w]);
    }
  });
});
