import fc from 'fast-check';
import { describe, it } from 'vitest';
import { depthwiseOp } from '../../src/kernels/depthwise-op.js';
import { runs } from '../runs.js';
import { checkLinearOp, slidingCases } from './check.js';
import { depthwiseProducts } from './literal.js';
import { waysOf } from './ways.js';

describe('depthwiseOp', () => {
  it.each(waysOf('stridedDepthwiseAdjoint'))(
    'agrees with nested loops, for any channel multiplier: %s',
    async (way, choices) => {
      await fc.assert(
        fc.asyncProperty(slidingCases(2, 4), async ({ sizes, spatial, geometry, channels, batch, seed }) => {
          const [inputShape, kernelShape] = [
            [batch, ...spatial, channels[0]],
            [...sizes, ...channels],
          ];
          const { outputShape, products } = depthwiseProducts(inputShape, kernelShape, geometry);
          await checkLinearOp({
            op: depthwiseOp(geometry, choices),
            inputShape,
            kernelShape,
            outputShape,
            products,
            seed,
          });
        }),
        { numRuns: runs(way === 'as chosen' ? 40 : 20) },
      );
    },
  );

  // wasm's same padding is wrong where the stride is wider than the window on one axis.
  it('is right where the stride is wider than the window', async () => {
    const geometry = { strides: [2, 2], padding: 'same', dilations: [1, 1] } as const;
    const [inputShape, kernelShape] = [
      [1, 6, 6, 3],
      [3, 1, 3, 1],
    ];
    const { outputShape, products } = depthwiseProducts(inputShape, kernelShape, geometry);
    await checkLinearOp({ op: depthwiseOp(geometry), inputShape, kernelShape, outputShape, products, seed: 1 });
  });
});
