import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { expect } from 'vitest';
import type { LinearOp } from '../../src/kernels/linear-op.js';
import { adjoint, type Block, forward, get, noise, type Products, type Scheme, sizeOf, zeros } from './literal.js';

/** Of float32 sums, in units of the largest, and in units of the largest sum of magnitudes, which is several times that. */
const TOLERANCE = 1e-5;
const OF_MAGNITUDES = 2e-6;

export function tensor(block: Block): tf.Tensor {
  return tf.tensor(Float32Array.from(block.values), [...block.shape], 'float32');
}

/** Runs a kernel that returns one tensor, checks that it left no other behind, and reads the result. */
export async function read(kernel: () => tf.Tensor): Promise<Block> {
  const before = tf.memory().numTensors;
  const result = kernel();
  expect(tf.memory().numTensors - before, 'tensors made').toBe(1);
  const values = Float64Array.from(await result.data());
  const shape = [...result.shape];
  result.dispose();
  return { shape, values };
}

/**
 * Equal shapes, and values within `tolerance` of the largest expected one; of sums whose parts may cancel, of the largest sum
 * of `magnitudes`, since they are as exact as their parts.
 */
export function expectClose(actual: Block, expected: Block, tolerance = TOLERANCE, magnitudes = expected): void {
  expect(actual.shape).toEqual(expected.shape);
  const scale = magnitudes.values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
  let worst = 0;
  for (let index = 0; index < expected.values.length; index++) {
    const gap = Math.abs(get(actual, index) - get(expected, index));
    worst = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(worst, gap);
  }
  expect(worst / scale, 'largest relative difference').toBeLessThanOrEqual(tolerance);
}

function absolute({ shape, values }: Block): Block {
  return { shape, values: values.map(Math.abs) };
}

export function dot(a: Block, b: Block): number {
  return a.values.reduce((sum, value, index) => sum + value * get(b, index), 0);
}

export interface OpCase {
  readonly op: LinearOp;
  readonly inputShape: readonly number[];
  readonly kernelShape: readonly number[];
  readonly outputShape: readonly number[];
  readonly products: Products;
  readonly seed: number;
}

/** Every member of a linear operation against its literal products, and the adjoint identity. */
export async function checkLinearOp(test: OpCase): Promise<void> {
  const { op, inputShape, kernelShape, outputShape, products, seed } = test;
  const [x, w, s] = [noise(inputShape, seed), noise(kernelShape, seed + 1), noise(outputShape, seed + 2)];
  const bias = noise([outputShape.at(-1) ?? 0], seed + 3);
  const given = { x: tensor(x), w: tensor(w), s: tensor(s), bias: tensor(bias) };
  const ahead = op.forward.prepare(given.w);
  const back = op.adjoint.prepare(given.w);

  expect(op.outputShape(inputShape, kernelShape)).toEqual(outputShape);
  const z = await read(() => op.forward.run(given.x, ahead, null));
  const [absX, absW, absS] = [absolute(x), absolute(w), absolute(s)];
  const magnitudes = forward(products, absX, absW, outputShape);
  expectClose(z, forward(products, x, w, outputShape), OF_MAGNITUDES, magnitudes);
  const biased = await read(() => op.forward.run(given.x, ahead, given.bias));
  const withBias = plusBias(magnitudes, absolute(bias));
  expectClose(biased, plusBias(forward(products, x, w, outputShape), bias), OF_MAGNITUDES, withBias);
  const c = await read(() => op.adjoint.run(given.s, back, inputShape));
  expectClose(c, adjoint(products, s, w, inputShape), OF_MAGNITUDES, adjoint(products, absS, absW, inputShape));
  expect(Math.abs(dot(z, s) - dot(x, c)), '<Wx, s> = <x, Wᵀs>').toBeLessThan(1e-4 * (1 + Math.sqrt(sizeOf(z.shape))));

  await checkCounts(test, given.s, s);
  tf.dispose([given, ahead, back]);
}

async function checkCounts(test: OpCase, given: tf.Tensor, s: Block): Promise<void> {
  const { op, inputShape, kernelShape, outputShape, products } = test;
  const ones = noise(kernelShape, 0);
  ones.values.fill(1);
  const all = noise(inputShape, 0);
  all.values.fill(1);
  const full = tf.zeros([1, ...outputShape.slice(1)]);
  const connections = await read(() => tf.tidy(() => tf.add(full, op.connections(inputShape, kernelShape))));
  const expected = forward(products, all, ones, outputShape).values.slice(0, sizeOf(full.shape));
  expectClose(connections, { shape: full.shape, values: expected });
  full.dispose();

  const target = tf.zeros([...inputShape]);
  const spread = await read(() => op.spread(given, inputShape, kernelShape));
  expect(spread.shape.slice(0, -1)).toEqual(inputShape.slice(0, -1));
  const wide = await read(() => tf.tidy(() => tf.add(target, tensor(spread))));
  expectClose(
    wide,
    adjoint(products, s, ones, inputShape),
    OF_MAGNITUDES,
    adjoint(products, absolute(s), ones, inputShape),
  );
  target.dispose();

  let count = 0;
  products(() => {
    count++;
  });
  expect(op.multiplyAdds(inputShape, kernelShape)).toBeGreaterThanOrEqual(count);
}

function plusBias(z: Block, bias: Block): Block {
  const sum = zeros(z.shape);
  const channels = bias.values.length;
  sum.values.set(z.values.map((value, index) => value + get(bias, index % channels)));
  return sum;
}

/** Sliding windows over `rank` axes, small but irregular; strides or dilations are all 1, as TensorFlow.js wants it. */
export function slidingCases(rank: number, mostChannels: number) {
  const perAxis = (least: number, most: number) =>
    fc.array(fc.integer({ min: least, max: most }), { minLength: rank, maxLength: rank });
  const ones = new Array<number>(rank).fill(1);
  return fc
    .record({
      seed: fc.nat(1000),
      batch: fc.integer({ min: 1, max: 2 }),
      sizes: perAxis(1, 4),
      extra: perAxis(0, rank === 3 ? 3 : 6),
      moves: perAxis(1, 3),
      dilate: fc.boolean(),
      channels: fc.tuple(fc.integer({ min: 1, max: mostChannels }), fc.integer({ min: 1, max: mostChannels })),
      scheme: fc.constantFrom<'same' | 'valid' | 'explicit'>('same', 'valid', 'explicit'),
      zeros: fc.array(fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })), {
        minLength: rank,
        maxLength: rank,
      }),
    })
    .map(({ sizes, extra, moves, dilate, scheme, zeros: explicit, ...rest }) => {
      const [strides, dilations] = dilate ? [ones, moves] : [moves, ones];
      const padding: Scheme = scheme === 'explicit' ? explicit : scheme;
      // Wide enough for one full window, so that every padding scheme has an output.
      const spatial = sizes.map((size, axis) => (size - 1) * (dilations[axis] ?? 1) + 1 + (extra[axis] ?? 0));
      return { ...rest, sizes, spatial, geometry: { strides, dilations, padding } };
    });
}
