import { InputError } from '../../index.js';
import type { Raster } from '../image/raster.js';
import { drawText, letteringWidth, mix } from './draw-text.js';
import { GLYPH } from './pixel-font.js';
import { type Box, type ImageMark, INK, type Mark, type Scene, type TextMark } from './scene.js';

/** More would not fit into the memory of a page. */
const MOST_PIXELS = 100_000_000;

/**
 * A scene as pixels, `ratio` of them for each CSS pixel. Letters beyond ASCII and a few signs become boxes.
 *
 * @throws InputError when the ratio is not above zero, or the picture would be too large.
 */
export function sceneRaster({ width, height, marks }: Scene, ratio: number): Raster {
  if (!(ratio > 0 && width * ratio * height * ratio <= MOST_PIXELS)) {
    const size = `${Math.ceil(width)} × ${Math.ceil(height)}`;
    throw new InputError(
      `A picture of ${size} CSS pixels cannot be drawn with ${ratio} pixels for each: a number above 0 expected, and ` +
        `at most ${MOST_PIXELS} pixels in all.`,
    );
  }
  const [wide, high] = [Math.ceil(width * ratio), Math.ceil(height * ratio)];
  const raster = { width: wide, height: high, data: new Uint8ClampedArray(4 * wide * high).fill(255) };
  for (const mark of marks) drawMark(raster, mark, ratio);
  return raster;
}

function drawMark(raster: Raster, mark: Mark, ratio: number): void {
  if (mark.kind === 'image') drawImage(raster, mark, ratio);
  else if (mark.kind === 'text') drawTextMark(raster, mark, ratio);
  else eachPixel(mark, ratio, (x, y) => mix(raster, x, y, mark.fill, 1));
}

function drawImage(raster: Raster, mark: ImageMark, ratio: number): void {
  const { data, width, height } = mark.raster;
  eachPixel(mark, ratio, (x, y, across, down) => {
    const column = Math.min(width - 1, Math.floor(across * width));
    const at = 4 * (Math.min(height - 1, Math.floor(down * height)) * width + column);
    mix(raster, x, y, [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0], (data[at + 3] ?? 0) / 255);
  });
}

/** Visits the pixels of a box; `across` and `down` go from 0 to 1 inside it. */
function eachPixel(box: Box, ratio: number, visit: (x: number, y: number, across: number, down: number) => void): void {
  const [left, top] = [Math.round(box.x * ratio), Math.round(box.y * ratio)];
  const [width, height] = [Math.round(box.width * ratio), Math.round(box.height * ratio)];
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) visit(left + x, top + y, (x + 0.5) / width, (y + 0.5) / height);
  }
}

/** A dot is as large as lets a letter take no more room than the layout gave it. */
function drawTextMark(raster: Raster, mark: TextMark, ratio: number): void {
  const { text, size, anchor = 'start', colour = INK, bold = false } = mark;
  const dot = (0.6 * size * ratio) / GLYPH.advance;
  const width = letteringWidth(text, dot);
  const x = mark.x * ratio - (anchor === 'start' ? 0 : anchor === 'middle' ? width / 2 : width);
  drawText(raster, { text, x: Math.round(x), baseline: Math.round(mark.y * ratio), dot, colour, bold });
}
