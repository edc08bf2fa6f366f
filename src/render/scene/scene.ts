import type { Rgb } from '../colour-map.js';
import type { Raster } from '../image/raster.js';

/** A place in a picture, in CSS pixels from the upper left corner. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Pixels, stretched to a box: as blocks, or smoothly. */
export interface ImageMark extends Box {
  readonly kind: 'image';
  readonly raster: Raster;
  readonly smooth?: boolean;
}

/** One line of text; `y` is its baseline, `x` where it begins, has its middle, or ends. */
export interface TextMark {
  readonly kind: 'text';
  readonly x: number;
  readonly y: number;
  readonly text: string;
  /** Height of the font, in pixels. */
  readonly size: number;
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly bold?: boolean;
  readonly colour?: Rgb;
}

/** A filled box with what it says on hover. */
export interface RectMark extends Box {
  readonly kind: 'rect';
  readonly fill: Rgb;
}

/** What a scene is made of, later marks above earlier ones. */
export type Mark = ImageMark | TextMark | RectMark;

/** A picture before it is written as SVG or PNG. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly marks: readonly Mark[];
  /** What a reader who cannot see it should know. */
  readonly alt: string;
}

/** Colour of text where none is said. */
export const INK: Rgb = [32, 32, 32];

/** Width of a letter relative to the font's height: an upper bound for ordinary text in common fonts. */
const LETTER = 0.6;

/** About how wide a line of text is. */
export function textWidth(text: string, size: number): number {
  return LETTER * size * [...text].length;
}

/** Text cut with an ellipsis where it would be wider than a place. */
export function fitText(text: string, size: number, width: number): string {
  const letters = [...text];
  const room = Math.max(1, Math.floor(width / (LETTER * size)));
  return letters.length <= room ? text : `${letters.slice(0, room - 1).join('')}…`;
}

/** Text in lines no wider than a place, broken behind spaces, hyphens and slashes where that is possible. */
export function wrapText(text: string, size: number, width: number): string[] {
  const room = Math.max(1, Math.floor(width / (LETTER * size)));
  const pieces = text.trim().split(/(?<=[\s/_-])/u);
  const lines = [''];
  for (const piece of pieces.flatMap((long) => long.match(new RegExp(`.{1,${room}}`, 'gu')) ?? [])) {
    const longer = `${lines.at(-1)}${piece}`;
    if ([...longer.trimEnd()].length <= room) lines[lines.length - 1] = longer;
    else lines.push(piece);
  }
  return lines.map((line) => line.trim()).filter((line) => line !== '');
}
