import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ResizeGeometry, resizeAdjoint, resizeForward } from '../../src/kernels/resize.js';
import { runs } from '../runs.js';
import { dot, expectClose, read, tensor } from './check.js';
import { type Block, flat, get, indices, noise, zeros } from './literal.js';

/** Source elements and weights of one row of the result. */
function sources(row: number, input: number, output: number, { method, halfPixelCenters }: ResizeGeometry) {
  const clamp = (index: number) => Math.min(input - 1, Math.max(0, index));
  const shift = halfPixelCenters ? 0.5 : 0;
  if (method === 'nearest') return [{ index: clamp(Math.floor((row + shift) * (input / output))), weight: 1 }];
  const position = Math.min(input - 1, Math.max(0, (row + shift) * (input / output) - shift));
  const lo = Math.floor(position);
  return [
    { index: lo, weight: 1 - (position - lo) },
    { index: clamp(lo + 1), weight: position - lo },
  ];
}

function literalResize(x: Block, geometry: ResizeGeometry): Block {
  const [batch = 0, h = 0, w = 0, c = 0] = x.shape;
  const z = zeros([batch, ...geometry.size, c]);
  for (const [b = 0, i = 0, j = 0, k = 0] of indices(z.shape)) {
    let sum = 0;
    for (const row of sources(i, h, geometry.size[0], geometry))
      for (const column of sources(j, w, geometry.size[1], geometry))
        sum += row.weight * column.weight * get(x, flat([b, row.index, column.index, k], x.shape));
    z.values[flat([b, i, j, k], z.shape)] = sum;
  }
  return z;
}

const cases = fc.record({
  shape: fc.tuple(...[2, 7, 7, 3].map((max) => fc.integer({ min: 1, max }))),
  size: fc.tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 14 })),
  method: fc.constantFrom('nearest' as const, 'bilinear' as const),
  halfPixelCenters: fc.boolean(),
  seed: fc.nat(1000),
});

describe('resize', () => {
  it('agrees with nested loops, and its adjoint is one', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, seed, ...geometry }) => {
        const x = noise(shape, seed);
        const expected = literalResize(x, geometry);
        const s = noise(expected.shape, seed + 1);
        const given = { x: tensor(x), s: tensor(s) };
        const z = await read(() => resizeForward(given.x, geometry));
        expectClose(z, expected);
        const c = await read(() => resizeAdjoint(given.s, geometry, shape));
        expect(c.shape).toEqual(shape);
        expect(dot(z, s)).toBeCloseTo(dot(x, c), 3);
        tf.dispose(given);
      }),
      { numRuns: runs(60) },
    );
  });

  it('computes what tf.image computes', async () => {
    const x = tensor(noise([2, 4, 6, 3], 1)) as tf.Tensor4D;
    for (const size of [
      [8, 12],
      [6, 9],
      [4, 6],
      [3, 4],
    ] as const) {
      for (const halfPixelCenters of [false, true]) {
        const bilinear = await read(() => tf.image.resizeBilinear(x, [...size], false, halfPixelCenters));
        expectClose(await read(() => resizeForward(x, { method: 'bilinear', size, halfPixelCenters })), bilinear);
        const nearest = await read(() => tf.image.resizeNearestNeighbor(x, [...size], false, halfPixelCenters));
        expectClose(await read(() => resizeForward(x, { method: 'nearest', size, halfPixelCenters })), nearest);
      }
    }
    x.dispose();
  });
});
