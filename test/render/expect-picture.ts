import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import sharp from 'sharp';
import { expect } from 'vitest';

/** Share of bytes that may differ by more than the difference. */
const TOLERANCE = { bytes: 0.002, difference: 24 };

/** Compares a picture with the one in a file; with UPDATE_PICTURES=1 it is written there first. */
export async function expectSamePicture(file: string, picture: Uint8Array): Promise<void> {
  if (process.env.UPDATE_PICTURES) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, await sharp(picture).png({ palette: true, compressionLevel: 9 }).toBuffer());
  }
  await expectAlike(picture, readFileSync(file));
}

/** As {@link expectSamePicture} for an SVG file, whose letters are not compared. */
export async function expectSameSvg(file: string, svg: string): Promise<void> {
  if (process.env.UPDATE_PICTURES) writeFileSync(file, svg);
  await expectAlike(await withoutLetters({ svg }), await withoutLetters({ svg: readFileSync(file, 'utf8') }));
}

async function expectAlike(made: Uint8Array, kept: Uint8Array): Promise<void> {
  const [one, other] = await Promise.all([pixelsOf(made), pixelsOf(kept)]);
  expect([one.info.width, one.info.height]).toEqual([other.info.width, other.info.height]);
  let different = 0;
  for (const [index, byte] of one.data.entries()) {
    if (Math.abs(byte - (other.data[index] ?? 0)) > TOLERANCE.difference) different += 1;
  }
  expect(different / one.data.length).toBeLessThan(TOLERANCE.bytes);
}

function pixelsOf(picture: Uint8Array) {
  return sharp(picture).removeAlpha().raw().toBuffer({ resolveWithObject: true });
}

/** An SVG as PNG; its letters depend on the fonts of the machine and are left out. */
export function withoutLetters({ svg }: { readonly svg: string }): Promise<Buffer> {
  return sharp(Buffer.from(svg.replace(/<text[^>]*>[^<]*<\/text>/g, '')))
    .png()
    .toBuffer();
}
