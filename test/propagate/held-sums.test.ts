// Sums that are begun as late as can be come out as those of the numbers themselves, whatever has become of the tensors.
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeEach, describe, expect, inject, test } from 'vitest';
import { DisposedError } from '../../src/errors.js';
import {
  detachSums,
  finishSums,
  type HeldSums,
  joinSums,
  readSums,
  tensorsOfSums,
} from '../../src/propagate/held-sums.js';
import { PartialSums } from '../../src/propagate/partial-sums.js';
import { TensorPool } from '../../src/tensors/pool.js';
import { at, numbers, randomTensor, tensorCount } from '../explanation/tools.js';

/** Small enough to be read as it is; as blocks; and large. */
const SHAPES = [
  [2, 7],
  [2, 16, 20, 33],
  [2, 64, 64, 32],
];

describe.each(SHAPES.map((shape) => ({ shape })))('a tensor of $shape', ({ shape }) => {
  const x = randomTensor(shape, 5);
  let literal: readonly [readonly number[], readonly number[]];
  beforeEach(async () => {
    const all = await numbers(x);
    const samples = [0, 1].map((sample) => all.slice((sample * all.length) / 2, ((sample + 1) * all.length) / 2));
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    literal = [samples.map(sum), samples.map((values) => sum(values.map(Math.abs)))];
  });
  afterAll(() => tf.dispose(x));

  /** Sum and magnitude of the tensor, which ends (`ended`), or is part of the result. */
  const held = (tensor: tf.Tensor, ended: boolean): HeldSums => {
    const pool = new TensorPool();
    const sums = new PartialSums(tensor.shape[0] ?? 0, pool);
    const { sum, magnitude } = sums.total(pool.retain(tensor));
    if (ended) pool.release(tensor);
    else pool.handOver([tensor]);
    return sums.finish([[sum], [magnitude]], new Set([tensor]));
  };

  const expectLiteral = (sums: ArrayLike<number>) => {
    const [sum, magnitude] = literal;
    // The magnitude may be that of blocks of neighbours: between |sum| and Σ |x|.
    for (const sample of [0, 1]) {
      const scale = at(magnitude, sample);
      expect(Math.abs(Number(sums[sample]) - at(sum, sample))).toBeLessThan(2e-7 * scale);
      expect(Number(sums[2 + sample])).toBeGreaterThan(0.15 * scale);
      expect(Number(sums[2 + sample])).toBeLessThan((1 + 1e-6) * scale);
    }
  };

  test('it is begun when the tensor ends', async () => {
    const before = tensorCount();
    const sums = held(tf.clone(x), true);
    expectLiteral(await readSums(sums));
    tf.dispose(tensorsOfSums(sums));
    expect(tensorCount()).toBe(before);
  });

  test('what is part of the result stays there until it is read, as often as that is', async () => {
    const own = tf.clone(x);
    const before = tensorCount();
    const sums = held(own, false);
    expect(tensorsOfSums(sums)).toEqual([]);
    const read = await readSums(sums);
    expectLiteral(read);
    expect(await readSums(sums)).toEqual(read);
    expect(tensorCount()).toBe(before);
    expect(own.isDisposed).toBe(false);
    own.dispose();
  });

  test('the same to the last bit, ended or not', async () => {
    const own = tf.clone(x);
    const late = held(own, false);
    const early = held(tf.clone(x), true);
    expect(await readSums(late)).toEqual(await readSums(early));
    tf.dispose([own, ...tensorsOfSums(early)]);
  });

  // Others cannot be read at once.
  if (['cpu', 'wasm'].includes(inject('backend'))) {
    test('the same to the last bit, read or finished at once', async () => {
      const before = tensorCount();
      const own = tf.clone(x);
      const late = held(own, false);
      const early = held(tf.clone(x), true);
      const read = await readSums(early);
      const readNow = (tensor: tf.Tensor) => tensor.dataSync<'float32'>();
      expect(finishSums(late, readNow).known).toEqual(read);
      expect(own.isDisposed).toBe(false);
      own.dispose();
      expect(finishSums(early, readNow).known).toEqual(read);
      expect(tensorCount()).toBe(before);
    });
  }

  test('the tensor may end while it is read', async () => {
    const own = tf.clone(x);
    const reading = readSums(held(own, false));
    own.dispose();
    expectLiteral(await reading);
  });

  test('one that ended before is named', async () => {
    const own = tf.clone(x);
    const sums = held(own, false);
    own.dispose();
    await expect(readSums(sums)).rejects.toThrow(DisposedError);
  });

  test('parts of a batch are joined without their results', async () => {
    const halves = tf.split(x, 2);
    const before = tensorCount();
    const parts = halves.map((half) => {
      const sums = held(half, false);
      const own = detachSums(sums);
      half.dispose();
      return own;
    });
    const joined = joinSums(parts);
    expectLiteral(await readSums(joined));
    tf.dispose(tensorsOfSums(joined));
    expect(tensorCount()).toBe(before - 2);
  });
});

test('what never ended and is no result is begun at the end', async () => {
  const pool = new TensorPool();
  const x = pool.retain(tf.tensor([1, -2, 3], [1, 3]));
  const sums = new PartialSums(1, pool);
  const { sum, magnitude } = sums.total(x);
  const finished = sums.finish([[{ ...sum, times: -2 }], [magnitude]]);
  pool.disposeAll();
  expect([...(await readSums(finished))]).toEqual([-4, 6]);
  tf.dispose(tensorsOfSums(finished));
});

describe.each([
  { shape: [2, 7, 5, 6], kept: 'weighed when it is read' },
  { shape: [2, 64, 64, 32], kept: 'weighed at once' },
])('relevance of $shape is $kept', ({ shape, kept }) => {
  const [r, z] = [randomTensor(shape, 5), randomTensor(shape, 6)];
  const late = kept === 'weighed when it is read';
  const make = (_: readonly tf.Tensor[], [a, b]: readonly tf.Tensor[]) => tf.mul(a ?? 0, tf.step(b ?? 0));
  afterAll(() => tf.dispose([r, z]));

  /** The sum of relevance where `z` is positive; the relevance ends, or is part of the result. `z` ends in any case. */
  const held = (relevance: tf.Tensor, ended: boolean): HeldSums => {
    const pool = new TensorPool();
    const sums = new PartialSums(2, pool);
    pool.retain(relevance);
    const counted = tf.tidy(() => ({ ...sums.weigh({ made: [], lent: [relevance, tf.add(z, 0)], make }) }));
    if (ended) pool.release(relevance);
    else pool.handOver([relevance]);
    const finished = sums.finish([[counted]], new Set([relevance]));
    pool.handOver(tensorsOfSums(finished));
    pool.disposeAll();
    return finished;
  };

  test('the same to the last bit, ended or not, and as added up literally', async () => {
    const before = tensorCount();
    const own = tf.clone(r);
    const [kept, ended] = [held(own, false), held(tf.clone(r), true)];
    expect(kept.parts.map(({ isResult }) => isResult)).toEqual([late]);
    expect(ended.parts.map(({ isResult }) => isResult)).toEqual([false]);
    const sums = await readSums(kept);
    expect(await readSums(ended)).toEqual(sums);
    const [all, signs] = [await numbers(r), await numbers(z)];
    const half = all.length / 2;
    for (const sample of [0, 1]) {
      const ours = all.map((value, index) => (at(signs, index) > 0 && Math.trunc(index / half) === sample ? value : 0));
      const sum = ours.reduce((total, value) => total + value, 0);
      const scale = ours.reduce((total, value) => total + Math.abs(value), 0);
      expect(Math.abs((sums[sample] ?? Number.NaN) - sum)).toBeLessThan(2e-7 * scale);
    }
    tf.dispose([own, ...tensorsOfSums(kept), ...tensorsOfSums(ended)]);
    expect(tensorCount()).toBe(before);
  });

  test('what it is weighed with goes when the sum needs the result no more', async () => {
    const own = tf.clone(r);
    const before = tensorCount();
    const sums = held(own, false);
    const known = await readSums(sums);
    const detached = detachSums(sums);
    expect(await readSums(detached)).toEqual(known);
    tf.dispose(tensorsOfSums(detached));
    expect(tensorCount()).toBe(before);
    own.dispose();
  });
});
