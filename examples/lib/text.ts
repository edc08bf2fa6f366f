// Text in pictures, set in a font that comes with an npm package: the machine needs to have none.
import { createRequire } from 'node:module';
import sharp from 'sharp';

const fontfile = createRequire(import.meta.url).resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf');

/** A rendered piece of text: PNG with transparent background. */
export interface TextImage {
  readonly png: Buffer;
  readonly width: number;
  readonly height: number;
}

/** Renders text at `size` pixels, broken into lines where it would be wider than `width`. */
export async function renderText(text: string, size: number, width?: number): Promise<TextImage> {
  const { data, info } = await sharp({
    text: {
      text: `<span foreground="#222222">${escapeMarkup(text)}</span>`,
      font: `DejaVu Sans ${size}`,
      fontfile,
      rgba: true,
      dpi: 72,
      ...(width === undefined ? {} : { width, wrap: 'word-char' as const }),
    },
  })
    .png()
    .toBuffer({ resolveWithObject: true });
  return { png: data, width: info.width, height: info.height };
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
const escapeMarkup = (text: string): string => text.replace(/[&<>]/g, (character) => entities[character] ?? '');
