import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { encodePng, readPicture } from '../../../examples/lib/image.js';
import { brightness, toTensor } from '../../../examples/lib/picture.js';

let folder: string;
const inFolder = (name: string): string => join(folder, name);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pictures-'));
});
afterAll(() => rm(folder, { recursive: true }));

const rgb = { width: 2, height: 1, channels: 3 } as const;
const data = Uint8Array.of(255, 0, 10, 20, 200, 30);

const complaint = (name: string): Promise<string> =>
  readPicture(inFolder(name), rgb).then(
    () => 'none',
    (error: Error) => error.message.replaceAll(folder, 'FOLDER'),
  );

test('PNG of the right size comes back byte for byte', async () => {
  await writeFile(inFolder('a.png'), await encodePng({ ...rgb, data }));
  expect(await readPicture(inFolder('a.png'), rgb)).toEqual({ ...rgb, data });
});

test('raw bytes come back byte for byte', async () => {
  await writeFile(inFolder('a.u8'), data);
  expect(await readPicture(inFolder('a.u8'), rgb)).toEqual({ ...rgb, data });
});

test('a wide picture is cropped about its centre, then resized', async () => {
  // Three squares side by side, red, green, blue; the centre is green.
  const squares = ['red', 'lime', 'blue'].map((background, i) => ({
    input: { create: { width: 20, height: 20, channels: 3 as const, background } },
    left: 20 * i,
    top: 0,
  }));
  const wide = sharp({ create: { width: 60, height: 20, channels: 3, background: 'black' } }).composite(squares);
  await wide.jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toFile(inFolder('wide.jpg'));
  const read = await readPicture(inFolder('wide.jpg'), { width: 4, height: 4, channels: 3 });
  const centre = [...read.data.subarray(15, 18)];
  expect(centre.map((byte) => Math.round(byte / 10))).toEqual([0, 26, 0]);
});

test.each([
  ['gray', 1],
  ['16 bits', 3],
  ['transparent', 4],
] as const)('%s becomes RGB bytes', async (name, channels) => {
  const source = sharp({ create: { width: 2, height: 1, channels: 3, background: '#808080' } });
  const made =
    channels === 1
      ? source.toColourspace('b-w')
      : channels === 3
        ? source.toColourspace('rgb16')
        : source.ensureAlpha(0);
  await made.png().toFile(inFolder(`${name}.png`));
  const expected = channels === 4 ? 255 : 128;
  expect([...(await readPicture(inFolder(`${name}.png`), rgb)).data]).toEqual(Array(6).fill(expected));
});

test('one channel on request', async () => {
  await sharp({ create: { width: 2, height: 1, channels: 3, background: '#808080' } })
    .png()
    .toFile(inFolder('g.png'));
  expect((await readPicture(inFolder('g.png'), { ...rgb, channels: 1 })).data).toEqual(Uint8Array.of(128, 128));
});

test('errors name the file and the trouble', async () => {
  const png = await encodePng({
    width: 64,
    height: 64,
    channels: 3,
    data: new Uint8Array(64 * 64 * 3).map((_, i) => (i * i) % 251),
  });
  await writeFile(inFolder('cut.png'), png.subarray(0, png.length / 2));
  await writeFile(inFolder('text.jpg'), 'no picture');
  await writeFile(inFolder('short.u8'), data.subarray(1));
  expect(await complaint('none.png')).toMatch(/^Cannot read the picture FOLDER\/none.png: ENOENT/);
  expect(await complaint('cut.png')).toMatch(/^FOLDER\/cut.png is not a picture that can be read: /);
  expect(await complaint('text.jpg')).toMatch(/^FOLDER\/text.jpg is not a picture that can be read: /);
  expect(await complaint('short.u8')).toBe('FOLDER/short.u8 holds 5 bytes; 2 x 1 x 3 = 6 expected.');
});

test('tensor values are byte * scale + offset', async () => {
  const tensor = toTensor({ ...rgb, data }, { scale: 0.5, offset: -1 });
  expect(tensor.shape).toEqual([1, 1, 2, 3]);
  expect([...(await tensor.data())]).toEqual([126.5, -1, 4, 9, 99, 14]);
  tensor.dispose();
});

test('brightness of the second pixel: 0.2126 * 20 + 0.7152 * 200 + 0.0722 * 30', () => {
  expect(brightness({ ...rgb, data }).values[1]).toBeCloseTo(149.458, 3);
});
