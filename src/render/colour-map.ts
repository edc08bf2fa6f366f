import {
  interpolateBrBG,
  interpolateCividis,
  interpolateGreys,
  interpolateInferno,
  interpolatePRGn,
  interpolatePuOr,
  interpolateRdBu,
  interpolateReds,
  interpolateViridis,
} from 'd3-scale-chromatic';
import { MatchError } from '../index.js';

/** A colour as three bytes. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** From a share of the scale to a colour. Use a named one with {@link colourMap}, or write your own. */
export interface ColourMap {
  /** What it is called. */
  readonly name: string;
  /** `diverging` shows signed numbers, shares from -1 to 1 with 0 in the centre; `sequential` sizes, from 0 to 1. */
  readonly kind: 'diverging' | 'sequential';
  /** The colour of a share; shares beyond the ends get the colour of the end. */
  colour(share: number): Rgb;
}

/**
 * The colour maps by name. Diverging, negative first: `blue-red` (the default), `purple-orange`, `purple-green`,
 * `brown-teal`. Sequential, light or dark to strong: `cividis`, `viridis`, `inferno`, `reds`, `greys`. Every one of them can be
 * read with every common kind of colour vision; the rainbow and red against green are left out for that reason.
 */
export type ColourMapName =
  | 'blue-red'
  | 'purple-orange'
  | 'purple-green'
  | 'brown-teal'
  | 'cividis'
  | 'viridis'
  | 'inferno'
  | 'reds'
  | 'greys';

type Ramp = readonly [kind: ColourMap['kind'], css: (share: number) => string];

/** Ramps by name, over 0 to 1. */
function ramps(): Readonly<Record<ColourMapName, Ramp>> {
  return {
    'blue-red': ['diverging', (share) => interpolateRdBu(1 - share)],
    'purple-orange': ['diverging', (share) => interpolatePuOr(1 - share)],
    'purple-green': ['diverging', interpolatePRGn],
    'brown-teal': ['diverging', interpolateBrBG],
    cividis: ['sequential', interpolateCividis],
    viridis: ['sequential', interpolateViridis],
    inferno: ['sequential', interpolateInferno],
    reds: ['sequential', interpolateReds],
    greys: ['sequential', interpolateGreys],
  };
}

/** Colours to either side of a diverging map's centre; an odd count in all puts zero exactly on the middle one. */
const HALF = 127;

/**
 * A colour map by name, as a table of 255 colours of d3-scale-chromatic (after Cynthia Brewer's schemes).
 *
 * @throws MatchError when there is none of that name.
 */
export function colourMap(name: ColourMapName): ColourMap {
  const known = ramps();
  if (!Object.hasOwn(known, name)) {
    throw new MatchError(`There is no colour map "${name}". Known: ${Object.keys(known).join(', ')}.`);
  }
  const [kind, css] = known[name];
  const table = Array.from({ length: 2 * HALF + 1 }, (_, index) => parseCss(css(index / (2 * HALF))));
  const colour = (share: number): Rgb => {
    const [offset, steps, lowest] = kind === 'diverging' ? [HALF, HALF, -1] : [0, 2 * HALF, 0];
    const clipped = Math.min(1, Math.max(lowest, share));
    return table[offset + Math.round(steps * clipped)] ?? [128, 128, 128];
  };
  return { name, kind, colour };
}

/** A colour map from a name or as it is. */
export function readColours(colours: ColourMapName | ColourMap): ColourMap {
  return typeof colours === 'string' ? colourMap(colours) : colours;
}

/** `#rrggbb`. */
export function cssColour([red, green, blue]: Rgb): string {
  const hex = (byte: number) => Math.round(byte).toString(16).padStart(2, '0');
  return `#${hex(red)}${hex(green)}${hex(blue)}`;
}

/** Black or white, whichever stands out more on a background; the contrast is 4.5 : 1 at least. */
export function textColour(background: Rgb): '#000000' | '#ffffff' {
  const light = luminance(background);
  return (light + 0.05) / 0.05 >= 1.05 / (light + 0.05) ? '#000000' : '#ffffff';
}

/** Relative luminance after WCAG 2: 0 for black, 1 for white. */
export function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map((byte) => {
    const share = byte / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** d3 writes `rgb(r, g, b)` or `#rrggbb`. */
function parseCss(css: string): Rgb {
  const hex = /^#(..)(..)(..)$/.exec(css);
  const [red = 0, green = 0, blue = 0] = hex
    ? hex.slice(1).map((pair) => Number.parseInt(pair, 16))
    : (css.match(/\d+/g) ?? []).map(Number);
  return [red, green, blue];
}
