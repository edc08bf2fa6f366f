import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { InputError, MatchError } from '../../src/index.js';
import { pickSample, resizePlane } from '../../src/render/image/plane.js';
import { type Pooling, readPicture, readPlanes } from '../../src/render/index.js';

/** Two samples, two rows, three columns, two channels; each number says its place: 1000 b + 100 y + 10 x + c. */
const shape = [2, 2, 3, 2] as const;
const value = (b: number, y: number, x: number, c: number) => 1000 * b + 100 * y + 10 * x + c + 1;
const numbers = Array.from({ length: 24 }, (_, i) =>
  value(Math.floor(i / 12), Math.floor(i / 6) % 2, Math.floor(i / 2) % 3, i % 2),
);

describe('pooling', () => {
  test.each<[Pooling, (a: number, b: number) => number]>([
    ['sum', (a, b) => a + b],
    ['max-abs', (a, b) => (Math.abs(b) > Math.abs(a) ? b : a)],
    ['norm', (a, b) => Math.sqrt(a * a + b * b)],
  ])('%s, against a loop', async (pool, join) => {
    const signed = numbers.map((number, index) => (index % 3 === 0 ? -number : number));
    const relevance = tf.tensor(signed, [...shape]);
    const before = tf.memory().numTensors;
    const planes = await readPlanes(relevance, { pool });
    expect(tf.memory().numTensors).toBe(before);
    relevance.dispose();
    expect(planes).toHaveLength(2);
    for (let b = 0; b < 2; b++) {
      for (let pixel = 0; pixel < 6; pixel++) {
        const at = 12 * b + 2 * pixel;
        expect(planes[b]?.values[pixel]).toBeCloseTo(join(signed[at] ?? 0, signed[at + 1] ?? 0), 2);
      }
    }
  });

  test('the sum keeps the total', async () => {
    const relevance = tf.tensor([1, -2, 3, 4, 5, -6], [1, 2, 3]);
    const [plane] = await readPlanes(relevance);
    relevance.dispose();
    expect(plane?.values.reduce((a, b) => a + b)).toBe(5);
  });

  test('an unknown way is an error', async () => {
    const relevance = tf.ones([1, 1, 2]);
    // What a call from JavaScript may hand over.
    await expect(readPlanes(relevance, { pool: 'mean' as Pooling })).rejects.toThrow(
      'There is no pooling "mean". Known: sum, max-abs, norm.',
    );
    relevance.dispose();
  });
});

describe('axes', () => {
  test('channels first gives the same as channels last', async () => {
    const last = tf.tensor(numbers, [...shape]);
    const first = tf.transpose(last, [0, 3, 1, 2]);
    expect(await readPlanes(first, { axes: 'BCHW' })).toEqual(await readPlanes(last));
    last.dispose();
    first.dispose();
  });

  test('a batch without channels has to be said', async () => {
    const relevance = tf.tensor([1, 2, 3, 4, 5, 6], [3, 1, 2]);
    expect((await readPlanes(relevance, { axes: 'BHW' })).map(({ values }) => [...values])).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const [summed] = await readPlanes(relevance);
    expect([summed?.height, summed?.width, ...(summed?.values ?? [])]).toEqual([3, 1, 3, 7, 11]);
    relevance.dispose();
  });

  test.each([[[4]], [[1, 2, 3, 4, 5]], [[2, 0, 3]]])('shape %j is refused', async (wrong) => {
    const relevance = tf.zeros(wrong);
    await expect(readPlanes(relevance)).rejects.toThrow(InputError);
    relevance.dispose();
  });

  test('axes that do not fit the rank are refused', async () => {
    const relevance = tf.zeros([2, 2]);
    await expect(readPlanes(relevance, { axes: 'BHWC' })).rejects.toThrow('axes BHWC expected');
    relevance.dispose();
  });
});

test('a sample that is not there', () => {
  expect(pickSample(['a', 'b'], 1)).toBe('b');
  expect(() => pickSample(['a', 'b'], 2)).toThrow(MatchError);
});

describe('size', () => {
  const plane = { width: 2, height: 1, values: Float32Array.of(0, 4) };

  test('nearest repeats', () => {
    expect([...resizePlane(plane, 4, 2, 'nearest').values]).toEqual([0, 0, 4, 4, 0, 0, 4, 4]);
  });

  test('linear goes from centre to centre: at -1/4, 1/4, 3/4, 5/4 of the way', () => {
    expect([...resizePlane(plane, 4, 1, 'linear').values]).toEqual([0, 1, 3, 4]);
  });
});

describe('pictures', () => {
  test('a tensor by its range', async () => {
    const input = tf.tensor([-1, 0, 1, 1, -1, 0], [1, 2, 3]);
    const { data } = await readPicture(input, { range: [-1, 1] });
    expect([...data]).toEqual([0, 128, 255, 255, 255, 0, 128, 255]);
    input.dispose();
  });

  test('grey, of the second sample, by its own smallest and largest', async () => {
    const input = tf.tensor([9, 9, 0, 5], [2, 1, 2, 1]);
    const picture = await readPicture(input, { sample: 1 });
    expect([...picture.data]).toEqual([0, 0, 0, 255, 255, 255, 255, 255]);
    input.dispose();
  });

  test('integers are bytes', async () => {
    const input = tf.tensor([7, 7, 7], [1, 1, 3], 'int32');
    expect([...(await readPicture(input)).data]).toEqual([7, 7, 7, 255]);
    input.dispose();
  });

  test('bytes with one, three and four channels', async () => {
    const one = { width: 1, height: 1 };
    expect([...(await readPicture({ ...one, data: [9] })).data]).toEqual([9, 9, 9, 255]);
    expect([...(await readPicture({ ...one, data: [1, 2, 3] })).data]).toEqual([1, 2, 3, 255]);
    expect([...(await readPicture({ ...one, data: [1, 2, 3, 4] })).data]).toEqual([1, 2, 3, 4]);
    await expect(readPicture({ ...one, data: [1, 2] })).rejects.toThrow(InputError);
  });

  test('what is no picture', async () => {
    const input = tf.zeros([2, 2, 2]);
    await expect(readPicture(input)).rejects.toThrow('received 2 per pixel');
    await expect(readPicture(input, { sample: 1 })).rejects.toThrow(MatchError);
    input.dispose();
  });
});
