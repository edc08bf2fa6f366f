import type { Rgb } from '../colour-map.js';
import type { Raster } from '../image/raster.js';
import { GLYPH, glyphOf } from './pixel-font.js';

type Dot = readonly [x: number, y: number];
type Stroke = readonly [from: Dot, to: Dot];

/** Half the width of a stroke, in dots. */
const RADIUS = 0.48;

/** A line of text in pixels. */
export interface Lettering {
  readonly text: string;
  /** Left end of the text. */
  readonly x: number;
  /** The line the letters stand on. */
  readonly baseline: number;
  /** Size of a dot. */
  readonly dot: number;
  readonly colour: Rgb;
  readonly bold: boolean;
}

/** How wide a line of text becomes. */
export function letteringWidth(text: string, dot: number): number {
  return dot * (GLYPH.advance * [...text].length - 1);
}

/** Draws a line of text into a picture; what would fall outside is left out. */
export function drawText(raster: Raster, { text, x, baseline, dot, colour, bold }: Lettering): void {
  [...text].forEach((letter, index) => {
    const left = x + index * GLYPH.advance * dot;
    const strokes = strokesOf(letter);
    const box = { left, top: baseline - GLYPH.baseline * dot, dot, radius: bold ? 1.45 * RADIUS : RADIUS };
    drawStrokes(raster, strokes, box, colour);
  });
}

/** Neighbouring dots joined: across and down always, aslant where no other way leads there. */
function strokesOf(letter: string): Stroke[] {
  const dots = glyphOf(letter);
  const known = new Set(dots.map(String));
  const has = (x: number, y: number) => known.has(`${x},${y}`);
  return dots.flatMap(([x, y]): Stroke[] => {
    const right = has(x + 1, y);
    const below = has(x, y + 1);
    const ends: Dot[] = [
      [x, y],
      ...(right ? [[x + 1, y] as const] : []),
      ...(below ? [[x, y + 1] as const] : []),
      ...(has(x + 1, y + 1) && !right && !below ? [[x + 1, y + 1] as const] : []),
      ...(has(x - 1, y + 1) && !has(x - 1, y) && !below ? [[x - 1, y + 1] as const] : []),
    ];
    return ends.map((end): Stroke => [[x, y], end]);
  });
}

interface Placed {
  readonly left: number;
  readonly top: number;
  readonly dot: number;
  readonly radius: number;
}

function drawStrokes(
  raster: Raster,
  strokes: readonly Stroke[],
  { left, top, dot, radius }: Placed,
  colour: Rgb,
): void {
  const wide = Math.ceil((GLYPH.columns + 2) * dot);
  const [fromX, fromY] = [Math.floor(left - dot), Math.floor(top - dot)];
  // How much of each pixel the letter covers: strokes overlap, so the most that one of them covers.
  const cover = new Float32Array(wide * Math.ceil((GLYPH.rows + 2) * dot));
  for (const stroke of strokes) {
    const [x0, x1] = [Math.min(stroke[0][0], stroke[1][0]), Math.max(stroke[0][0], stroke[1][0])];
    const [y0, y1] = [stroke[0][1], stroke[1][1]];
    for (let y = Math.floor(top + y0 * dot) - 1; y <= top + (y1 + 1) * dot + 1; y++) {
      for (let x = Math.floor(left + x0 * dot) - 1; x <= left + (x1 + 1) * dot + 1; x++) {
        // The centre of a pixel, in dots, and how far it is from the stroke's edge, in pixels.
        const point: Dot = [(x + 0.5 - left) / dot - 0.5, (y + 0.5 - top) / dot - 0.5];
        const share = 0.5 - dot * (distanceTo(stroke, point) - radius);
        const at = (y - fromY) * wide + x - fromX;
        if (share > (cover[at] ?? 1)) cover[at] = Math.min(1, share);
      }
    }
  }
  cover.forEach((share, at) => {
    if (share > 0) mix(raster, fromX + (at % wide), fromY + Math.floor(at / wide), colour, share);
  });
}

function distanceTo([[x0, y0], [x1, y1]]: Stroke, [x, y]: Dot): number {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - x0) * dx + (y - y0) * dy) / length));
  return Math.hypot(x - x0 - share * dx, y - y0 - share * dy);
}

/** Lays a colour over one pixel. */
export function mix({ width, height, data }: Raster, x: number, y: number, colour: Rgb, share: number): void {
  if (share <= 0 || x < 0 || y < 0 || x >= width || y >= height) return;
  const at = 4 * (y * width + x);
  for (let channel = 0; channel < 3; channel++) {
    data[at + channel] = share * (colour[channel] ?? 0) + (1 - share) * (data[at + channel] ?? 0);
  }
}
