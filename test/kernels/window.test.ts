import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { averagePool, windowCounts, windowOutputShape, windowSpread, windowSum } from '../../src/kernels/window.js';
import { runs } from '../runs.js';
import { dot, expectClose, read, slidingCases, tensor } from './check.js';
import { adjoint, forward, noise, one, windowProducts, zeros } from './literal.js';

/** Pooling has no dilation, and is same or valid. */
const pools = (rank: number) =>
  slidingCases(rank, 4).map(({ sizes, spatial, geometry, channels, batch, seed }) => ({
    shape: [batch, ...spatial, channels[0]],
    sizes,
    strides: geometry.strides,
    padding: geometry.padding === 'same' ? ('same' as const) : ('valid' as const),
    seed,
  }));

describe('window', () => {
  for (const rank of [1, 2, 3]) {
    it(`sums, averages and spreads over ${rank} axes as nested loops do`, async () => {
      await fc.assert(
        fc.asyncProperty(pools(rank), async ({ shape, sizes, strides, padding, seed }) => {
          const geometry = { sizes, strides, padding };
          const literal = { strides, padding, dilations: sizes.map(() => 1) };
          const { outputShape, products } = windowProducts(shape, sizes, literal);
          const [x, s] = [noise(shape, seed), noise(outputShape, seed + 1)];
          const [given, above] = [tensor(x), tensor(s)];
          expect(windowOutputShape(shape, geometry)).toEqual(outputShape);

          const sums = forward(products, x, one, outputShape);
          const sum = await read(() => windowSum(given, geometry));
          expectClose(sum, sums);
          const all = noise(shape, 0);
          all.values.fill(1);
          const counts = forward(products, all, one, outputShape);
          const mean = await read(() => averagePool(given, geometry));
          expectClose(mean, { shape: outputShape, values: sums.values.map((z, i) => z / (counts.values[i] ?? 0)) });
          const full = tf.zeros(outputShape);
          expectClose(await read(() => tf.tidy(() => tf.add(full, windowCounts(shape, geometry)))), counts);

          const spread = await read(() => windowSpread(above, geometry, shape));
          expectClose(spread, adjoint(products, s, one, shape));
          expect(dot(sum, s)).toBeCloseTo(dot(x, spread), 3);
          tf.dispose([given, above, full]);
        }),
        { numRuns: runs(20) },
      );
    });
  }

  it('spreads tiles that end before the input does, and global windows', async () => {
    const tiles = { sizes: [2, 3], strides: [2, 3], padding: 'valid' as const };
    const s = tensor(noise([1, 2, 2, 1], 1));
    const spread = await read(() => windowSpread(s, tiles, [1, 5, 8, 1]));
    expect(spread.values.slice(-8)).toEqual(zeros([8]).values);
    const whole = { sizes: [5, 8], strides: [5, 8], padding: 'valid' as const };
    const [one1, ones] = [tf.ones([1, 1, 1, 1]), tf.ones([1, 5, 8, 1])];
    expect((await read(() => windowSpread(one1, whole, [1, 5, 8, 1]))).values.every((value) => value === 1)).toBe(true);
    expect((await read(() => windowSum(ones, whole))).values[0]).toBeCloseTo(40, 4);
    tf.dispose([s, one1, ones]);
  });
});
