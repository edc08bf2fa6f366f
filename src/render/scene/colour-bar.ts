import type { ColourMap } from '../colour-map.js';
import { paint } from '../image/raster.js';
import { endLabels, type Scale } from '../scale.js';
import { type Mark, type TextMark, textWidth, wrapText } from './scene.js';

/** How high the colours are. */
export const THICK = 14;
const SIZE = 12;
const LINE = 16;

/** A colour bar: how high it is, and what it is made of. */
export interface Bar<Part = Mark> {
  readonly height: number;
  readonly marks: readonly Part[];
}

/** Room that the numbers and one line of words need. */
export const BAR_WIDTH = 300;

/** The colours of a scale with the numbers at its ends and at zero, the unit, and how the ends were chosen. */
export function colourBar(scale: Scale, x: number, y: number, width: number): Bar {
  const { height, marks } = barTexts(scale, x, y, width);
  return { height, marks: [gradientMark(scale.colours, x, y, width), ...marks] };
}

/** The words and numbers of a colour bar, without its colours. */
export function barTexts(scale: Scale, x: number, y: number, width: number): Bar<TextMark> {
  const whole = wrapText(barWords(scale).join('; '), SIZE, width);
  const words = whole.length === 1 ? whole : barWords(scale).flatMap((part) => wrapText(part, SIZE, width));
  const below = y + THICK + LINE - 2;
  const line = (text: string, index: number): TextMark => {
    return { kind: 'text', text, x: x + width / 2, y: below + LINE * (index + 1), size: SIZE, anchor: 'middle' };
  };
  const height = THICK + LINE * (1 + words.length) + 2;
  return { height, marks: [...numbers(scale, x, below, width), ...words.map(line)] };
}

/** The colours of a map between two words, for colours that are no relevance. */
export function rampBar(
  colours: ColourMap,
  ends: readonly [low: string, high: string],
  x: number,
  y: number,
  width: number,
): Bar {
  const text = (words: string, share: number, anchor: 'start' | 'end'): Mark => {
    return { kind: 'text', text: words, x: x + share * width, y: y + THICK + LINE - 2, size: SIZE, anchor };
  };
  const marks = [gradientMark(colours, x, y, width), text(ends[0], 0, 'start'), text(ends[1], 1, 'end')];
  return { height: THICK + LINE + 2, marks };
}

/** Unit and choice in words. */
export function barWords(scale: Scale): readonly [unit: string, choice: string] {
  return [scale.unit, scale.limit === 0 ? 'zero everywhere' : scale.chosen];
}

function numbers(scale: Scale, x: number, y: number, width: number): TextMark[] {
  const at = (text: string, share: number, anchor: 'start' | 'middle' | 'end'): TextMark => {
    return { kind: 'text', text, x: x + share * width, y, size: SIZE, anchor };
  };
  if (scale.limit === 0) return [at('0', 0.5, 'middle')];
  const [low, high] = endLabels(scale);
  const ends = [at(low, 0, 'start'), at(high, 1, 'end')];
  const room = width - textWidth(`${low}${high}`, SIZE);
  return scale.colours.kind === 'diverging' && room > 4 * SIZE ? [...ends, at('0', 0.5, 'middle')] : ends;
}

function gradientMark(colours: ColourMap, x: number, y: number, width: number): Mark {
  const steps = 255;
  const lowest = colours.kind === 'diverging' ? -1 : 0;
  const raster = paint(steps, 1, (step) => colours.colour(lowest + ((1 - lowest) * step) / (steps - 1)));
  return { kind: 'image', x, y, width, height: THICK, smooth: true, raster };
}
