import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';

/** How many pixels may differ in some colour by more than the difference: fewer than the smallest mark, a tick, is made of. */
const TOLERANCE = { pixels: 3, difference: 24 };

/** Compares a picture with the one in a file; with UPDATE_PICTURES=1 it is written there first. */
export async function expectSamePicture(file: string, picture: Uint8Array): Promise<void> {
  if (process.env.UPDATE_PICTURES) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await sharp(picture).png({ compressionLevel: 9, adaptiveFiltering: true }).toBuffer());
  }
  await expectAlike(picture, readFileSync(file));
}

/** As {@link expectSamePicture} for an SVG file, whose letters are compared as text. */
export async function expectSameSvg(file: string, svg: string): Promise<void> {
  if (process.env.UPDATE_PICTURES) writeFileSync(file, svg);
  const kept = readFileSync(file, 'utf8');
  expect(textsOf(svg)).toEqual(textsOf(kept));
  await expectAlike(await withoutLetters(svg), await withoutLetters(kept));
}

/** As {@link expectSameSvg}, against two small files: a picture without letters, `NAME.png`, and the text, `NAME.txt`. */
export async function expectSameDrawing(name: string, { svg }: { readonly svg: string }): Promise<void> {
  const text = textsOf(svg).join('\n');
  if (process.env.UPDATE_PICTURES) writeFileSync(`${name}.txt`, `${text}\n`);
  expect(text).toBe(readFileSync(`${name}.txt`, 'utf8').trimEnd());
  await expectSamePicture(`${name}.png`, await withoutLetters(svg));
}

async function expectAlike(made: Uint8Array, kept: Uint8Array): Promise<void> {
  const [one, other] = await Promise.all([pixelsOf(made), pixelsOf(kept)]);
  expect([one.info.width, one.info.height]).toEqual([other.info.width, other.info.height]);
  const different = new Set<number>();
  for (const [index, byte] of one.data.entries()) {
    if (Math.abs(byte - (other.data[index] ?? 0)) > TOLERANCE.difference) different.add(Math.floor(index / 3));
  }
  expect(different.size, 'pixels that differ').toBeLessThanOrEqual(TOLERANCE.pixels);
}

function pixelsOf(picture: Uint8Array) {
  return sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
}

const TEXT = /<text[^>]*>([^<]*)<\/text>/g;

/** What is written in an SVG. */
function textsOf(svg: string): string[] {
  return [...svg.matchAll(TEXT)].map(([, text]) => text ?? '');
}

/** An SVG as PNG; its letters depend on the fonts of the machine and are left out. */
function withoutLetters(svg: string): Promise<Buffer> {
  return sharp(Buffer.from(svg.replace(TEXT, '')))
    .png()
    .toBuffer();
}
