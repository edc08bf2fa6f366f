// Picture files, made and decoded by another library.
import sharp, { type Sharp } from 'sharp';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../src/index.js';
import { isJpeg, readJpeg } from '../../../src/node/read/jpeg.js';
import { isPng, readPng } from '../../../src/node/read/png.js';
import { random } from '../../explanation/tools.js';

const [WIDTH, HEIGHT] = [13, 7];

/** Random bytes of so many channels. */
function noise(channels: 1 | 2 | 3 | 4, seed = 1): Uint8Array {
  const next = random(seed);
  return Uint8Array.from({ length: WIDTH * HEIGHT * channels }, () => Math.floor(127.5 + 127.5 * next()));
}

function raw(data: Uint8Array, channels: 1 | 2 | 3 | 4): Sharp {
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels } });
}

/** What is seen of a pixel on white. */
function onWhite(value: number, opacity: number): number {
  return Math.round((opacity / 255) * value + 255 - opacity);
}

describe('PNG', () => {
  test.each([1, 3] as const)('%d channels, plain and interlaced', async (channels) => {
    const data = noise(channels);
    for (const progressive of [false, true]) {
      const source = channels === 1 ? raw(data, 1).toColourspace('b-w') : raw(data, 3);
      const picture = await readPng(await source.png({ progressive }).toBuffer(), 'x.png');
      expect(picture).toEqual({ kind: 'picture', width: WIDTH, height: HEIGHT, channels, data });
    }
  });

  test.each([2, 4] as const)('%d channels, the last of them opacity, on white', async (channels) => {
    const data = noise(channels, 2);
    const source = channels === 2 ? raw(data, 2).toColourspace('b-w') : raw(data, 4);
    const picture = await readPng(await source.png().toBuffer(), 'x.png');
    const kept = channels - 1;
    const expected = Array.from({ length: WIDTH * HEIGHT * kept }, (_, index) => {
      const pixel = channels * Math.floor(index / kept);
      return onWhite(data[pixel + (index % kept)] ?? 0, data[pixel + kept] ?? 0);
    });
    expect(picture.channels).toBe(kept);
    expect([...picture.data]).toEqual(expected);
  });

  test('a palette', async () => {
    const colours = [
      [255, 0, 0],
      [0, 128, 255],
      [10, 20, 30],
    ];
    const data = Array.from({ length: WIDTH * HEIGHT }, (_, pixel) => colours[pixel % 3] ?? []).flat();
    const file = await raw(Uint8Array.from(data), 3).png({ palette: true, colours: 4, dither: 0 }).toBuffer();
    expect(file[25]).toBe(3); // The colour type that says palette.
    const picture = await readPng(file, 'x.png');
    expect([...picture.data]).toEqual(data);
  });

  test('16 bits', async () => {
    const wide = Uint16Array.from([0, 257, 65535, 32896]);
    const source = sharp(wide, { raw: { width: 4, height: 1, channels: 1 } }).toColourspace('grey16');
    const file = await source.png().toBuffer();
    expect(file[24]).toBe(16);
    expect([...(await readPng(file, 'x.png')).data]).toEqual([0, 1, 255, 128]);
  });

  test('1, 2 and 4 bits, packed by hand', async () => {
    const { deflateSync } = await import('node:zlib');
    // Rows of three grey values, each row with its filter byte: 0 and the largest, then their mixture.
    const cases = [
      { depth: 1, row: [0b10100000], expected: [255, 0, 255] },
      { depth: 2, row: [0b00011100], expected: [0, 85, 255] },
      { depth: 4, row: [0x0f, 0x80], expected: [0, 255, 136] },
    ];
    for (const { depth, row, expected } of cases) {
      const file = pngOf(3, 1, depth, deflateSync(Uint8Array.from([0, ...row])));
      expect([...(await readPng(file, 'x.png')).data]).toEqual(expected);
    }
  });

  test('cut off anywhere is an error, not a picture', async () => {
    const file = await raw(noise(3), 3).png().toBuffer();
    expect(isPng(file)).toBe(true);
    for (let length = 0; length < file.length - 12; length += 7) {
      await expect(readPng(file.subarray(0, length), 'x.png')).rejects.toThrow(/^x\.png is a damaged PNG: /);
    }
  });

  test('a flipped bit is found by its checksum', async () => {
    const file = await raw(noise(3), 3).png().toBuffer();
    const bad = Uint8Array.from(file);
    bad[60] = (bad[60] ?? 0) ^ 1;
    await expect(readPng(bad, 'x.png')).rejects.toThrow(InputError);
  });

  test('a size that no memory holds is refused before it is taken', async () => {
    const file = Uint8Array.from(await raw(noise(1), 1).png().toBuffer());
    new DataView(file.buffer).setUint32(16, 2 ** 31 - 1);
    await expect(readPng(file, 'x.png')).rejects.toThrow(
      'x.png says it is 2147483647 x 7 pixels. Expected 1 to 100 million.',
    );
  });
});

describe('JPEG', () => {
  test('is decoded as by another library, but for rounding', async () => {
    const smooth = Uint8Array.from({ length: 32 * 24 * 3 }, (_, index) => {
      const [pixel, channel] = [Math.floor(index / 3), index % 3];
      return [4 * (pixel % 32), 8 * Math.floor(pixel / 32), 128][channel] ?? 0;
    });
    const source = sharp(smooth, { raw: { width: 32, height: 24, channels: 3 } });
    const file = await source.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer();
    expect(isJpeg(file)).toBe(true);
    const picture = await readJpeg(file, 'x.jpg');
    expect(picture).toMatchObject({ kind: 'picture', width: 32, height: 24, channels: 3 });
    const expected = await sharp(file).raw().toBuffer();
    const worst = Math.max(...picture.data.map((value, index) => Math.abs(value - (expected[index] ?? 0))));
    expect(worst).toBeLessThanOrEqual(2);
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 8])('held in way %d by the camera, is turned as by another library', async (way) => {
    const file = raw(noise(3), 3);
    const level = await readJpeg(new Uint8Array(await file.jpeg().toBuffer()), 'x.jpg');
    const turned = await readJpeg(
      new Uint8Array(await file.withMetadata({ orientation: way }).jpeg().toBuffer()),
      'x.jpg',
    );
    // The same pixels in a file without loss, turned there.
    const lossless = await raw(level.data, 3).withMetadata({ orientation: way }).png().toBuffer();
    const { data, info } = await sharp(lossless).autoOrient().raw().toBuffer({ resolveWithObject: true });
    expect([turned.width, turned.height]).toEqual([info.width, info.height]);
    expect([...turned.data]).toEqual([...data]);
  });

  test('cut off is an error', async () => {
    const file = await raw(noise(3), 3).jpeg().toBuffer();
    for (const length of [3, 20, 100, Math.floor(file.length / 2), file.length - 30]) {
      await expect(readJpeg(file.subarray(0, length), 'x.jpg')).rejects.toThrow(/^x\.jpg is a damaged JPEG: /);
    }
  });
});

/** A grey PNG of any depth from its compressed rows. */
function pngOf(width: number, height: number, depth: number, rows: Uint8Array): Uint8Array {
  const head = new Uint8Array(13);
  new DataView(head.buffer).setUint32(0, width);
  new DataView(head.buffer).setUint32(4, height);
  head[8] = depth;
  const signature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  return Uint8Array.from([
    ...signature,
    ...chunk('IHDR', head),
    ...chunk('IDAT', rows),
    ...chunk('IEND', new Uint8Array()),
  ]);
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(name), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, checksum(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

/** The checksum of PNG chunks, bit by bit. */
function checksum(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) {
    value ^= byte;
    for (let bit = 0; bit < 8; bit++) value = (value >>> 1) ^ (value & 1 ? 0xedb88320 : 0);
  }
  return ~value >>> 0;
}
