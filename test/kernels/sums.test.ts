import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sumToShape } from '../../src/kernels/products.js';
import { channelMeans, dotPerSample, sumAxis, sumLastAxis, sumPerSample } from '../../src/kernels/sums.js';
import { runs } from '../runs.js';
import { dot, expectClose, read, tensor } from './check.js';
import { add, type Block, flat, get, indices, noise, zeros } from './literal.js';

/** Sum over every axis where `shape` is 1, or that it lacks in front. */
function literalSum(x: Block, shape: readonly number[]): Block {
  const sum = zeros(shape);
  for (const index of indices(x.shape)) {
    const kept = index.slice(index.length - shape.length).map((entry, axis) => (shape[axis] === 1 ? 0 : entry));
    add(sum, flat(kept, shape), get(x, flat(index, x.shape)));
  }
  return sum;
}

/** Sums of both signs cancel, and no longer say much about accuracy. */
function positive(shape: readonly number[], seed: number): Block {
  const block = noise(shape, seed);
  block.values.set(block.values.map((value) => Math.fround(value + 1)));
  return block;
}

const shapes = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 });

describe('sums', () => {
  it('sums and multiplies per sample', async () => {
    await fc.assert(
      fc.asyncProperty(shapes, fc.nat(1000), async (shape, seed) => {
        const [a, b] = [positive(shape, seed), positive(shape, seed + 1)];
        const given = [tensor(a), tensor(b)] as const;
        const perSample = [shape[0] ?? 0, ...shape.slice(1).map(() => 1)];
        const flatShape = [shape[0] ?? 0];
        const sum = await read(() => sumPerSample(given[0]));
        expectClose(sum, { shape: flatShape, values: literalSum(a, perSample).values });
        const products = { shape, values: a.values.map((value, index) => value * get(b, index)) };
        const product = await read(() => dotPerSample(...given));
        expectClose(product, { shape: flatShape, values: literalSum(products, perSample).values });
        tf.dispose([...given]);
      }),
      { numRuns: runs(30) },
    );
  });

  it('sums over one axis, long or short', async () => {
    for (const shape of [
      [3, 5, 4],
      [2, 70, 3],
      [1, 1100, 2],
      [2, 3, 1],
      [2, 1, 4],
      [3, 2500],
    ]) {
      const x = positive(shape, 1);
      const given = tensor(x);
      for (const axis of shape.keys()) {
        const kept = shape.map((size, index) => (index === axis ? 1 : size));
        expectClose(await read(() => sumAxis(given, axis)), literalSum(x, kept));
      }
      expectClose(await read(() => sumLastAxis(given)), literalSum(x, [...shape.slice(0, -1), 1]));
      given.dispose();
    }
  });

  it('sums integers as floats', async () => {
    const counts = tf.tensor2d([1, 2, 3, 4], [2, 2], 'int32');
    expect([...(await read(() => sumPerSample(counts))).values]).toEqual([3, 7]);
    counts.dispose();
    const map = tf.fill([2, 12, 12, 16], 3, 'int32');
    expect([...(await read(() => sumPerSample(map))).values]).toEqual([6912, 6912]);
    map.dispose();
  });

  it.each([
    [2, 7, 7, 20],
    [1, 112, 112, 16],
    [2, 1, 1, 1024],
    [1, 90, 70, 17],
    [1, 6151, 1, 16],
    [1, 97, 103, 3],
  ])('sums the channels of maps [%i, %i, %i, %i]', async (...shape) => {
    const [samples = 0, , , width = 0] = shape;
    const x = positive(shape, 3);
    const given = tensor(x);
    const { values } = literalSum(x, [samples, 1, 1, 1]);
    expectClose(await read(() => sumPerSample(given)), { shape: [samples], values });
    const channels = channelMeans(given);
    // Where there is no way to sum them in blocks nothing is begun.
    if (channels) {
      expect(channels.means).not.toBe(given);
      const { means, count } = channels;
      const sums = () => tf.tidy(() => tf.mul(tf.sum(means, 1, true), count));
      expectClose(await read(sums), literalSum(x, [samples, 1, 1, width]));
      means.dispose();
    }
    given.dispose();
  });

  // wasm's own sum adds in order in float32: it is off by 1e-5 here, this one by 1e-9.
  it('stays accurate over millions of elements', async () => {
    const shape = [1, 100, 100, 211];
    const x = noise(shape, 7);
    x.values.set(x.values.map((value) => Math.fround(value + 1.3)));
    const given = tensor(x);
    const exact = x.values.reduce((sum, value) => sum + value, 0);
    const sum = await read(() => sumPerSample(given));
    expect(Math.abs(get(sum, 0) / exact - 1)).toBeLessThan(1e-6);
    const squared = await read(() => dotPerSample(given, given));
    expect(Math.abs(get(squared, 0) / dot(x, x) - 1)).toBeLessThan(1e-6);
    given.dispose();
  });

  // wasm's average pooling overruns its stack from 16384 channels on; nothing here may hand it as many.
  it('sums rows of any width without harm to other tensors', async () => {
    const bystander = tf.ones([1000]);
    for (const shape of [
      [1, 3, 20000],
      [1, 2, 16411],
      [1, 90001],
    ]) {
      const x = positive(shape, 9);
      const given = tensor(x);
      expectClose(await read(() => sumAxis(given, 1)), literalSum(x, [shape[0] ?? 0, 1, ...shape.slice(2)]));
      expectClose(await read(() => sumAxis(given, shape.length - 1)), literalSum(x, [...shape.slice(0, -1), 1]));
      given.dispose();
    }
    expect([...(await bystander.data())].every((value) => value === 1)).toBe(true);
    bystander.dispose();
  });

  it('undoes broadcasting over any axes', async () => {
    const cases = fc.record({ shape: shapes, mask: fc.nat(31), lead: fc.nat(2), seed: fc.nat(1000) });
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, mask, lead, seed }) => {
        const x = positive(shape, seed);
        const target = shape
          .map((size, axis) => ((mask >> axis) & 1 ? 1 : size))
          .slice(Math.min(lead, shape.length - 1));
        const given = tensor(x);
        // Where nothing is repeated it is the tensor itself.
        const sum =
          target.join() === shape.join() ? () => tf.clone(sumToShape(given, target)) : () => sumToShape(given, target);
        expectClose(await read(sum), literalSum(x, target));
        given.dispose();
      }),
      { numRuns: runs(40) },
    );
  });

  it('undoes nothing where nothing was repeated', () => {
    const given = tensor(noise([2, 3], 1));
    expect(sumToShape(given, [2, 3])).toBe(given);
    given.dispose();
  });

  it('undoes broadcasting of a scalar', async () => {
    const given = tensor(noise([2, 3], 1));
    expectClose(await read(() => sumToShape(given, [])), literalSum(noise([2, 3], 1), []));
    given.dispose();
  });
});
