import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, it } from 'vitest';
import { conv3dOp } from '../../src/kernels/conv3d-op.js';
import { runs } from '../runs.js';
import { checkLinearOp, expectClose, read, slidingCases, tensor } from './check.js';
import { convProducts, noise } from './literal.js';

describe('conv3dOp', () => {
  // wasm's own gradient of conv3d for the input is wrong.
  it('agrees with nested loops', async () => {
    await fc.assert(
      fc.asyncProperty(slidingCases(3, 2), async ({ sizes, spatial, geometry, channels, batch, seed }) => {
        const [inputShape, kernelShape] = [
          [batch, ...spatial, channels[0]],
          [...sizes, ...channels],
        ];
        const { outputShape, products } = convProducts(inputShape, kernelShape, geometry);
        await checkLinearOp({ op: conv3dOp(geometry), inputShape, kernelShape, outputShape, products, seed });
      }),
      { numRuns: runs(20) },
    );
  });

  it('computes what tf.conv3d computes', async () => {
    for (const [padding, stride] of [
      ['same', 2],
      ['valid', 1],
    ] as const) {
      const op = conv3dOp({ strides: [stride, stride, stride], padding, dilations: [1, 1, 1] });
      const [x, w] = [tensor(noise([2, 5, 6, 4, 3], 1)), tensor(noise([3, 2, 3, 3, 4], 2))];
      const expected = await read(() => tf.conv3d(x as tf.Tensor5D, w as tf.Tensor5D, stride, padding));
      expectClose(await read(() => tf.tidy(() => op.forward.run(x, op.forward.prepare(w), null))), expected);
      tf.dispose([x, w]);
    }
  });
});
