// The signed colour scale: blue below zero, white at zero, red above; told apart with every kind of colour vision.
import { interpolateRdBu } from 'd3-scale-chromatic';

export type Rgb = readonly [red: number, green: number, blue: number];

/** Steps to either side of zero. */
const half = 127;
const table: readonly Rgb[] = Array.from({ length: 2 * half + 1 }, (_, i) => rgb(interpolateRdBu(1 - i / (2 * half))));

/** The colour of a value on a scale from -limit to limit; values beyond it get the colour of the end. */
export function signedColour(value: number, limit: number): Rgb {
  const share = limit > 0 ? Math.min(1, Math.max(-1, value / limit)) : 0;
  return table[half + Math.round(half * share)] ?? [255, 255, 255];
}

/** d3 writes colours as `rgb(r, g, b)`. */
function rgb(css: string): Rgb {
  const [red = 0, green = 0, blue = 0] = (css.match(/\d+/g) ?? []).map(Number);
  return [red, green, blue];
}
