import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxPool, maxPoolRoute } from '../../src/kernels/max-pool.js';
import type { WindowGeometry } from '../../src/kernels/window.js';
import { runs } from '../runs.js';
import { expectClose, read, slidingCases, tensor } from './check.js';
import { add, type Block, firstMaxima, get, noise, zeros } from './literal.js';

async function check(x: Block, geometry: WindowGeometry, seed: number): Promise<Block> {
  const literal = { strides: geometry.strides, padding: geometry.padding, dilations: geometry.sizes.map(() => 1) };
  const { y, where } = firstMaxima(x, geometry.sizes, literal);
  const r = noise(y.shape, seed);
  const expected = zeros(x.shape);
  for (const [output, input] of where) add(expected, input, get(r, output));
  const given = { x: tensor(x), y: tensor(y), r: tensor(r) };
  expectClose(await read(() => maxPool(given.x, geometry)), y, 0);
  const routed = await read(() => maxPoolRoute(given.r, given.x, given.y, geometry));
  expectClose(routed, expected, 1e-6);
  tf.dispose(given);
  return routed;
}

/** Few distinct values, so that ties are common; `shift` makes all of them negative. */
function coarse(shape: readonly number[], seed: number, shift: number): Block {
  const block = noise(shape, seed);
  block.values.set(block.values.map((value) => Math.round(value * 2) + shift));
  return block;
}

describe('max pool', () => {
  for (const rank of [1, 2, 3]) {
    it(`gives relevance to the first maximum over ${rank} axes`, async () => {
      const cases = fc.tuple(slidingCases(rank, 4), fc.constantFrom(0, -5, 5));
      await fc.assert(
        fc.asyncProperty(cases, async ([{ sizes, spatial, geometry, channels, batch, seed }, shift]) => {
          const padding = geometry.padding === 'same' ? 'same' : 'valid';
          const x = coarse([batch, ...spatial, channels[0]], seed, shift);
          await check(x, { sizes, strides: geometry.strides, padding }, seed + 1);
        }),
        { numRuns: runs(25) },
      );
    });
  }

  const plain = { sizes: [2, 2], strides: [2, 2], padding: 'valid' as const };

  // wasm's gradient looks for the maximum from the smallest positive float.
  it('handles windows without a positive element', async () => {
    const x = noise([1, 4, 4, 3], 1);
    x.values.set(x.values.map((value) => Math.fround(value - 2)));
    await check(x, plain, 2);
    await check(zeros([1, 4, 4, 3]), plain, 3);
  });

  // wasm, webgl and webgpu give ties to the last maximum, cpu to the first.
  it('gives ties to the first element of the window', async () => {
    const routed = await check(zeros([1, 4, 4, 1]), plain, 4);
    const taken = [...routed.values.entries()].filter(([, value]) => value !== 0).map(([index]) => index);
    expect(taken).toEqual([0, 2, 8, 10]);
  });

  it('never lets padding win', async () => {
    // Not beyond 1e20, where the maximum of tfjs' own webgl and webgpu kernels begins.
    const x = noise([1, 5, 5, 2], 5);
    x.values.set(x.values.map((value) => Math.fround(value * 1e15 - 2e15)));
    await check(x, { sizes: [3, 3], strides: [2, 2], padding: 'same' }, 6);
  });

  it('conserves relevance exactly where windows do not overlap', async () => {
    const x = noise([2, 6, 6, 5], 7);
    const r = noise([2, 3, 3, 5], 8);
    const given = { x: tensor(x), r: tensor(r) };
    const y = maxPool(given.x, plain);
    const routed = await read(() => maxPoolRoute(given.r, given.x, y, plain));
    const kept = [...routed.values].filter((value) => value !== 0).sort();
    expect(kept).toEqual([...r.values].sort());
    tf.dispose([given, y]);
  });
});
