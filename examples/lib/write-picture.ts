import sharp from 'sharp';
import type { Drawing } from '../../src/render/index.js';

/** Pixels per inch, twice those of a screen: pictures stay sharp when they are enlarged. */
const density = 144;

/** Writes a drawing as a PNG file. Text is set in the fonts of the machine. */
export async function writePicture(path: string, { svg }: Pick<Drawing, 'svg'>): Promise<void> {
  await sharp(Buffer.from(svg), { density }).png({ compressionLevel: 9, palette: true }).toFile(path);
}
