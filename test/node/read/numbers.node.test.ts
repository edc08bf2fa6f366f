// Numbers and texts from files.
import { describe, expect, test } from 'vitest';
import { encodeNpy } from '../../../src/node/cli/npy-file.js';
import { readCsv } from '../../../src/node/read/csv.js';
import { contentOfJson, pointAt } from '../../../src/node/read/json.js';
import { readNpy } from '../../../src/node/read/npy.js';
import { decodeContent } from '../../../src/node/read/read-content.js';

/** An array as `numpy.save` writes it: header padded to 64 bytes, then the elements. */
function npy(descr: string, shape: string, elements: Uint8Array, fortran = 'False', version = 1): Uint8Array {
  const text = `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;
  const size = version === 1 ? 10 : 12;
  const padded = `${text.padEnd(63 - ((size + text.length) % 64) + text.length)}\n`;
  const length =
    version === 1 ? [padded.length & 255, padded.length >> 8] : [padded.length & 255, padded.length >> 8, 0, 0];
  return Uint8Array.from([
    0x93,
    ...new TextEncoder().encode('NUMPY'),
    version,
    0,
    ...length,
    ...new TextEncoder().encode(padded),
    ...elements,
  ]);
}

const bytesOf = (view: ArrayBufferView) => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

describe('NPY', () => {
  test.each([
    ['<f4', new Float32Array([1.5, -2, 3, 0, 5, 6])],
    ['<f8', new Float64Array([1.5, -2, 3, 0, 5, 6])],
    ['|i1', new Int8Array([1, -2, 3, 0, 5, 6])],
    ['<i2', new Int16Array([1, -2, 300, 0, 5, 6])],
    ['<i4', new Int32Array([1, -2, 70000, 0, 5, 6])],
    ['<i8', new BigInt64Array([1n, -2n, 3n, 0n, 5n, 6n])],
    ['|u1', new Uint8Array([1, 2, 255, 0, 5, 6])],
    ['<u2', new Uint16Array([1, 2, 65535, 0, 5, 6])],
    ['<u4', new Uint32Array([1, 2, 70000, 0, 5, 6])],
    ['<u8', new BigUint64Array([1n, 2n, 3n, 0n, 5n, 6n])],
    ['|b1', new Uint8Array([1, 0, 1, 0, 0, 1])],
  ])('%s', (descr, elements) => {
    const expected = Array.from(elements as ArrayLike<number | bigint>, Number);
    expect(readNpy(npy(descr, '(2, 3)', bytesOf(elements)), 'x')).toEqual({
      kind: 'numbers',
      shape: [2, 3],
      data: Float32Array.from(expected),
    });
  });

  test('the other byte order, and the second version of the header', () => {
    const elements = Uint8Array.from([0, 1, 1, 0]);
    expect([...readNpy(npy('>i2', '(2,)', elements, 'False', 2), 'x').data]).toEqual([1, 256]);
  });

  test('column by column', () => {
    // [[1, 2, 3], [4, 5, 6]] stored as 1 4 2 5 3 6; and [[[1, 2], [3, 4]], [[5, 6], [7, 8]]].
    const flat = new Float32Array([1, 4, 2, 5, 3, 6]);
    expect([...readNpy(npy('<f4', '(2, 3)', bytesOf(flat), 'True'), 'x').data]).toEqual([1, 2, 3, 4, 5, 6]);
    const cube = new Float32Array([1, 5, 3, 7, 2, 6, 4, 8]);
    expect([...readNpy(npy('<f4', '(2, 2, 2)', bytesOf(cube), 'True'), 'x').data]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('what is written is read', () => {
    const data = Float32Array.from({ length: 24 }, (_, index) => index / 7);
    for (const shape of [[24], [4, 6], [2, 3, 4]]) {
      const file = encodeNpy(data, shape);
      expect((file.length - 96) % 64).toBe(0);
      expect(readNpy(file, 'x')).toEqual({ kind: 'numbers', shape, data });
    }
  });

  test.each([
    [npy('<c8', '(1,)', new Uint8Array(8)), /holds no numbers that can be read; its header says \{'descr': '<c8'/],
    [npy('|O', '(1,)', new Uint8Array(8)), /holds no numbers that can be read/],
    [npy('<f4', '(3,)', new Uint8Array(8)), 'x is damaged: 12 bytes expected after its header, found 8.'],
    [npy('<f4', '(99999999999, 99999999999)', new Uint8Array(8)), /is damaged/],
    [npy('<f4', '(1,)', new Uint8Array(4)).subarray(0, 30), 'x is damaged: its header is cut off.'],
    [new Uint8Array([1, 2, 3]), 'x is not an array saved by NumPy.'],
    [
      npy('<f4', '(2,)', bytesOf(new Float32Array([0, Number.NaN]))),
      'x has NaN at position 1. Finite float32 numbers expected.',
    ],
    [
      npy('<f8', '(1,)', bytesOf(new Float64Array([1e300]))),
      'x has Infinity at position 0. Finite float32 numbers expected.',
    ],
  ])('damaged or not of numbers (%#)', (bytes, message) => {
    expect(() => readNpy(bytes, 'x')).toThrow(message);
  });
});

describe('CSV', () => {
  test.each([
    ['1,2.5\n-3,4e2\n', [2, 2], [1, 2.5, -3, 400], undefined],
    ['\ufeffa;b\r\n1;2\r\n', [1, 2], [1, 2], ['a', 'b']],
    ['time\tx\n0\t1\n\n1\t2', [2, 2], [0, 1, 1, 2], ['time', 'x']],
    [',a\n0,1\n', [1, 2], [0, 1], ['', 'a']],
    ['"1, 2",3\n4,5', [1, 2], [4, 5], ['1, 2', '3']],
  ])('%j', async (text, shape, data, names) => {
    const expected = { kind: 'numbers', shape, data: Float32Array.from(data), ...(names ? { names } : {}) };
    expect(await readCsv(text, 'x')).toEqual(expected);
  });

  test.each([
    ['a,b\n1,NaN\n', 'x has "NaN" in row 1 below the head, column 2. A finite number expected.'],
    ['1,NaN,3\n', 'x has "NaN" in row 1, column 2. A finite number expected.'],
    ['1,,3\n4,5,6\n', 'x has "" in row 1, column 2. A finite number expected.'],
    ['-inf,2\n', 'x has "-inf" in row 1, column 1. A finite number expected.'],
    ['1,2\n3,\n', 'x has "" in row 2, column 2. A finite number expected.'],
    ['1,2\n3,1e39\n', 'x has "1e39" in row 2, column 2. A finite number expected.'],
    ['1,2\n3\n', /^x is not a table: Invalid Record Length/],
    ['a,b\n', 'x has no row of numbers.'],
    ['', 'x has no row of numbers.'],
    ['1,"2\n', /^x is not a table: Quote Not Closed/],
  ])('%j is refused', async (text, message) => {
    await expect(readCsv(text, 'x')).rejects.toThrow(message);
  });
});

describe('JSON', () => {
  test('lists of any depth, and texts', () => {
    expect(
      contentOfJson(
        [
          [[1], [2]],
          [[3], [4]],
        ],
        'x',
      ),
    ).toEqual({
      kind: 'numbers',
      shape: [2, 2, 1],
      data: Float32Array.from([1, 2, 3, 4]),
    });
    expect(contentOfJson(5, 'x')).toEqual({ kind: 'numbers', shape: [], data: Float32Array.from([5]) });
    expect(contentOfJson('a text', 'x')).toEqual({ kind: 'text', text: 'a text' });
  });

  test.each([
    [[], 'x is an empty list.'],
    [[[]], 'x is an empty list.'],
    [[[1, 2], [3]], 'x has a list of 1 at "/1", where its first rows have a list of 2.'],
    [[1, [2]], 'x has a list of 1 at "/1". A finite number expected, a list of them, or a text.'],
    [[1, 'a'], 'x has "a" at "/1". A finite number expected, a list of them, or a text.'],
    [[1e39], 'x has 1e+39 at "/0". A finite number expected, a list of them, or a text.'],
    [null, 'x is null. A finite number expected, a list of them, or a text.'],
    [
      { a: 1 },
      'x is an object. A finite number expected, a list of them, or a text. Name the part that is the input, such as x#/a',
    ],
    [{ 'a b/c': 1 }, 'x is an object. A finite number expected, a list of them, or a text.'],
    [[[[[[[[[[1]]]]]]]]], 'x has lists in more than 8 levels.'],
  ])('%j is refused', (value, message) => {
    expect(() => contentOfJson(value, 'x')).toThrow(message);
  });

  test('a pointer takes a part', () => {
    const value = [{ 'a/b': { '~': 7 } }, 8];
    expect(pointAt(value, '/0/a~1b/~0', 'x')).toBe(7);
    expect(pointAt(value, '', 'x')).toBe(value);
    expect(() => pointAt(value, '/0/c', 'x')).toThrow('x has nothing at "/0/c". It has "a/b".');
    expect(() => pointAt(value, '/2', 'x')).toThrow('x has nothing at "/2". It has "0", "1".');
    expect(() => pointAt(value, '/0/length', 'x')).toThrow('has nothing at');
    expect(() => pointAt(value, '/0/__proto__', 'x')).toThrow('has nothing at');
    expect(() => pointAt(value, '/1/0', 'x')).toThrow('x has nothing at "/1/0". It has no fields.');
  });
});

test('what bytes are is said by themselves before the name', async () => {
  const array = encodeNpy(Float32Array.from([1]), [1]);
  expect(await decodeContent(array, 'x.csv', '.csv')).toMatchObject({ kind: 'numbers', shape: [1] });
  await expect(decodeContent(Uint8Array.from([1]), 'x.gif', '')).rejects.toThrow(
    /^x\.gif is of no kind that can be read/,
  );
  await expect(decodeContent(Uint8Array.from([0xff, 0xfe]), 'x.txt', '.txt')).rejects.toThrow(
    'x.txt is not a text in UTF-8.',
  );
});
