import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { every } from '../../src/kernels/choices.js';
import { convOp } from '../../src/kernels/conv-op.js';
import { runs } from '../runs.js';
import { checkLinearOp, expectClose, read, slidingCases, tensor } from './check.js';
import { adjoint, convProducts, noise } from './literal.js';
import { waysOf } from './ways.js';

describe('convOp', () => {
  const cases = [1, 2].flatMap((rank) => waysOf('convAdjoint').map((way) => [rank, ...way] as const));
  for (const [rank, way, choices] of cases) {
    it(`agrees with nested loops over ${rank} axes, ${way}`, async () => {
      await fc.assert(
        fc.asyncProperty(slidingCases(rank, 5), async ({ sizes, spatial, geometry, channels, batch, seed }) => {
          const [inputShape, kernelShape] = [
            [batch, ...spatial, channels[0]],
            [...sizes, ...channels],
          ];
          const { outputShape, products } = convProducts(inputShape, kernelShape, geometry);
          await checkLinearOp({ op: convOp(geometry, choices), inputShape, kernelShape, outputShape, products, seed });
        }),
        { numRuns: runs(way === 'as chosen' ? 40 : 20) },
      );
    });
  }

  it('keeps phases without taps as empty tensors, and gives their elements 0', async () => {
    const geometry = { strides: [3, 2], padding: 'valid', dilations: [1, 1] } as const;
    const [inputShape, kernelShape] = [
      [1, 8, 7, 2],
      [1, 1, 2, 3],
    ];
    const { outputShape, products } = convProducts(inputShape, kernelShape, geometry);
    const op = convOp(geometry, () => every('composed'));
    const prepared = op.adjoint.prepare(tensor(noise(kernelShape, 1)));
    expect(prepared.map((phase) => phase.size)).toEqual([6, 0, 0, 0, 0, 0]);
    await checkLinearOp({ op, inputShape, kernelShape, outputShape, products, seed: 1 });
  });

  it('gives 0 to elements behind the last window', async () => {
    const op = convOp({ strides: [4], padding: 'valid', dilations: [1] });
    const w = tensor(noise([2, 1, 1], 3));
    const c = await read(() => tf.tidy(() => op.adjoint.run(tf.ones([1, 2, 1]), op.adjoint.prepare(w), [1, 9, 1])));
    expect([2, 3, 6, 7, 8].map((index) => c.values[index])).toEqual([0, 0, 0, 0, 0]);
  });

  // wasm's same padding is wrong where the stride is wider than the window on one axis.
  it('is right where the stride is wider than the window', async () => {
    const geometry = { strides: [2, 2], padding: 'same', dilations: [1, 1] } as const;
    const [inputShape, kernelShape] = [
      [1, 6, 6, 3],
      [3, 1, 3, 4],
    ];
    const { outputShape, products } = convProducts(inputShape, kernelShape, geometry);
    await checkLinearOp({ op: convOp(geometry), inputShape, kernelShape, outputShape, products, seed: 1 });
  });

  it('turns a prepared kernel back for any input size and batch', async () => {
    const geometry = { strides: [2, 2], padding: 'same', dilations: [1, 1] } as const;
    const op = convOp(geometry);
    const [kernelShape, w] = [[3, 3, 2, 4], noise([3, 3, 2, 4], 5)];
    const prepared = op.adjoint.prepare(tensor(w));
    for (const inputShape of [
      [1, 6, 7, 2],
      [3, 5, 4, 2],
      [1, 1, 1, 2],
    ]) {
      const { outputShape, products } = convProducts(inputShape, kernelShape, geometry);
      const s = noise(outputShape, 6);
      const c = await read(() => tf.tidy(() => op.adjoint.run(tensor(s), prepared, inputShape)));
      expectClose(c, adjoint(products, s, w, inputShape));
    }
  });

  it('counts multiply-adds without looking at padding', () => {
    const op = convOp({ strides: [2, 2], padding: 'same', dilations: [1, 1] });
    expect(op.multiplyAdds([2, 8, 8, 3], [3, 3, 3, 5])).toBe(2 * 4 * 4 * 5 * 3 * 3 * 3);
  });
});
