// From what a file holds to what a model takes.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import type { Content } from '../../../src/node/read/content.js';
import { type InputPort, readyInput } from '../../../src/node/read/model-input.js';
import { expectClose, tensorCount } from '../../explanation/tools.js';

const port = (...sizes: (number | null)[]): InputPort => ({
  name: 'x',
  shape: [null, ...sizes],
  dtype: 'float32',
  categories: null,
});

const numbers = (shape: number[], data: number[]): Content => ({
  kind: 'numbers',
  shape,
  data: Float32Array.from(data),
});

/** A grey picture of some rows. */
function grey(...rows: number[][]): Content {
  const width = rows[0]?.length ?? 0;
  return { kind: 'picture', width, height: rows.length, channels: 1, data: Uint8Array.from(rows.flat()) };
}

/** Checks the tensor, and that it is the only one made. */
async function expectInput(
  content: Content,
  at: InputPort,
  expected: tf.TensorLike,
  how = {},
  sample = 0,
): Promise<void> {
  const before = tensorCount();
  const ready = await readyInput(content, at, how, null, sample);
  expect(tensorCount()).toBe(before + 1);
  const wanted = tf.tensor(expected);
  await expectClose(ready.tensor, wanted, 1e-6);
  tf.dispose([ready.tensor, wanted]);
}

describe('numbers', () => {
  test('one sample, or one of several', async () => {
    await expectInput(numbers([3], [1, 2, 3]), port(3), [1, 2, 3]);
    await expectInput(numbers([2, 3], [1, 2, 3, 4, 5, 6]), port(3), [4, 5, 6], {}, 1);
    await expectInput(numbers([2, 2], [1, 2, 3, 4]), port(null, 2), [
      [1, 2],
      [3, 4],
    ]);
  });

  test('scaled, for all or for each channel', async () => {
    await expectInput(numbers([2], [10, 20]), port(2), [2, 3], { scale: [0.1], offset: [1] });
    const each = { scale: [1, 10], offset: [0, 5] };
    await expectInput(
      numbers([2, 2], [1, 1, 2, 2]),
      port(2, 2),
      [
        [1, 15],
        [2, 25],
      ],
      each,
    );
  });

  test('bytes take the shape of the model', async () => {
    const bytes: Content = { kind: 'bytes', data: Uint8Array.from([0, 51, 102, 255, 0, 0, 0, 255]) };
    await expectInput(
      bytes,
      port(2, 2),
      [
        [0, 0.2],
        [0.4, 1],
      ],
      { scale: [1 / 255] },
    );
    await expectInput(
      bytes,
      port(2, 2),
      [
        [0, 0],
        [0, 255],
      ],
      {},
      1,
    );
  });

  test.each([
    [numbers([4], [1, 2, 3, 4]), port(3), 0, 'Input "x" takes [3], or several such samples; the file holds [4].'],
    [numbers([1, 1, 3], [1, 2, 3]), port(3), 0, 'the file holds [1, 1, 3].'],
    [numbers([2, 3], [1, 2, 3, 4, 5, 6]), port(3), 2, 'There is no sample 2: the file holds 2, from 0 to 1.'],
    [numbers([3], [1, 2, 3]), port(3), 1, 'There is no sample 1: the file holds one, number 0.'],
    [{ kind: 'bytes', data: new Uint8Array(5) }, port(2, 2), 0, '5 bytes are no whole number of such samples.'],
    [{ kind: 'bytes', data: new Uint8Array(5) }, port(null, 2), 0, '5 bytes are no whole number of such samples.'],
    [
      { kind: 'text', text: 'a' },
      port(2),
      0,
      'A text needs the vocabulary that the model was trained with: --vocabulary FILE.',
    ],
    [{ kind: 'text', text: 'a' }, port(2, 2), 0, 'Input "x" takes [2, 2], and a text is a list of word numbers.'],
    [grey([1]), port(4), 0, 'Input "x" takes [4], which is no picture of 1 or 3 channels.'],
    [grey([1]), port(2, 2, 4), 0, 'Input "x" takes [2, 2, 4], which is no picture of 1 or 3 channels.'],
  ] as const)('that do not fit (%#)', async (content, at, sample, message) => {
    const before = tensorCount();
    await expect(readyInput(content as Content, at, {}, null, sample)).rejects.toThrow(message);
    expect(tensorCount()).toBe(before);
  });

  test('scales of another number of channels', async () => {
    const promise = readyInput(numbers([3], [1, 2, 3]), port(3), { scale: [1, 2] }, null, 0);
    await expect(promise).rejects.toThrow('scale has 2 numbers; expected one, or one for each of 3 channels.');
  });
});

describe('pictures', () => {
  test('of the right size stay as they are', async () => {
    await expectInput(grey([0, 10], [20, 255]), port(2, 2, 1), [
      [[0], [10]],
      [[20], [255]],
    ]);
    await expectInput(grey([0, 10], [20, 255]), port(2, 2), [
      [0, 10],
      [20, 255],
    ]);
    await expectInput(grey([0, 10], [20, 255]), port(null, null, 1), [
      [[0], [10]],
      [[20], [255]],
    ]);
  });

  test('get the channels that the model takes', async () => {
    await expectInput(grey([7]), port(1, 1, 3), [[[7, 7, 7]]]);
    const colour: Content = {
      kind: 'picture',
      width: 1,
      height: 1,
      channels: 3,
      data: Uint8Array.from([100, 200, 50]),
    };
    // 0.2126 · 100 + 0.7152 · 200 + 0.0722 · 50 = 167.91
    await expectInput(colour, port(1, 1, 1), [[[168]]]);
  });

  test('are cut to their centre, or stretched', async () => {
    const wide = grey([1, 2, 3, 4], [5, 6, 7, 8]);
    await expectInput(wide, port(2, 2), [
      [2, 3],
      [6, 7],
    ]);
    // Pairs of columns are averaged: 1.5, 3.5, 5.5 and 7.5, rounded to bytes.
    await expectInput(
      wide,
      port(2, 2),
      [
        [2, 4],
        [6, 8],
      ],
      { fit: 'stretch' },
    );
    // Of two middle rows the upper one.
    const high = grey([1], [9], [5], [3]);
    await expectInput(high, port(1, 1), [[9]]);
  });

  test('shrink by averages, so that no pixel is passed over', async () => {
    const rows = Array.from({ length: 8 }, (_, y) => Array.from({ length: 8 }, (_, x) => ((x + y) % 2) * 200));
    await expectInput(grey(...rows), port(2, 2), [
      [100, 100],
      [100, 100],
    ]);
  });

  test('grow between the centres of their pixels', async () => {
    // Centres of the four new pixels at -0.25, 0.25, 0.75, 1.25 of the old: 0, 25, 75, 100.
    await expectInput(grey([0, 100]), port(1, 4), [[0, 25, 75, 100]], { fit: 'stretch' });
  });
});

describe('numbers of words', () => {
  const words: InputPort = { ...port(2), categories: 5 };
  test.each([[[0, 5]], [[-1, 0]], [[0.5, 1]]])('%j lie outside of the embedding', async (data) => {
    await expect(readyInput(numbers([2], data), words, {}, null, 0)).rejects.toThrow(
      /^Input "x" takes whole numbers from 0 to 4, one for each entry of its embedding; received (5|-1|0\.5)\./,
    );
  });

  test('a vocabulary of another model', async () => {
    const vocabulary = new Map([['good', 400]]);
    const promise = readyInput({ kind: 'text', text: 'good' }, words, {}, { vocabulary }, 0);
    await expect(promise).rejects.toThrow('received 400. Is this the vocabulary that the model was trained with?');
  });
});
