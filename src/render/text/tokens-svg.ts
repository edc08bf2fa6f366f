import { InputError, type TokenScore } from '../../index.js';
import { cssColour, type Rgb, textColour } from '../colour-map.js';
import { attributes, escapeMarkup } from '../escape.js';
import { encodePng } from '../image/png.js';
import { formatSigned } from '../number.js';
import { colourOf, type Scale } from '../scale.js';
import { BAR_WIDTH, colourBar } from '../scene/colour-bar.js';
import type { Figure } from '../scene/figure.js';
import { type Box, type Mark, wrapText } from '../scene/scene.js';
import { sceneRaster } from '../scene/scene-raster.js';
import { markSvg, svgDocument } from '../scene/scene-svg.js';
import { linesOf, type PlacedWord } from './lines.js';
import { describeWords, readText, type TextOptions } from './options.js';
import { titleOf } from './tokens-html.js';

/** Options of {@link tokensSvg}. */
export interface TokensSvgOptions extends TextOptions {
  /** Letters per line. Default 72. */
  readonly columns?: number;
}

const SIZE = 15;
/** Width of a letter; the text is set to it whatever font there is. */
const LETTER = 9;
const LINE = 26;
const MARGIN = 16;
const FIXED = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";

/**
 * Tokens coloured by relevance, as a picture with colour bar; in its SVG numbers show on hover.
 *
 * @throws InputError when lines have no room for a letter, or the text is longer than two million letters.
 * @throws NumericsError when a relevance is not finite.
 */
export function tokensSvg(tokens: readonly TokenScore[], options: TokensSvgOptions = {}): Figure {
  const { columns = 72, caption } = options;
  if (!(Number.isInteger(columns) && columns >= 2)) {
    throw new InputError(`A line needs an integer of at least 2 columns, received ${columns}.`);
  }
  const { words, scale } = readText(tokens, options);
  const lines = linesOf(words, columns);
  const width = Math.max(BAR_WIDTH, widest(lines) * LETTER) + 2 * MARGIN;
  const heading = captionMarks(caption, width - 2 * MARGIN);
  const top = MARGIN + heading.length * 20;
  const bar = colourBar(scale, MARGIN, top + lines.length * LINE + 10, BAR_WIDTH);
  const placed = lines.flatMap((line, index) => line.map((word) => styled(word, top + index * LINE, scale)));
  const height = top + lines.length * LINE + 10 + bar.height + MARGIN / 2;
  const alt = `${caption === undefined ? '' : `${caption}. `}${describeWords(words, scale, formatSigned)}`;
  const around = [...heading, ...bar.marks];
  const content = `${placed.map(wordSvg).join('')}${around.map(markSvg).join('')}`;
  return {
    width,
    height,
    alt,
    svg: svgDocument(width, height, alt, content),
    png: (ratio = 2) => {
      const marks = [...placed.flatMap(wordMarks), ...around];
      return encodePng(sceneRaster({ width, height, marks, alt }, ratio));
    },
  };
}

/** Columns of the longest line. */
function widest(lines: readonly (readonly PlacedWord[])[]): number {
  return lines.reduce((most, line) => {
    const last = line.at(-1);
    return Math.max(most, last ? last.column + last.columns : 0);
  }, 0);
}

function captionMarks(caption: string | undefined, width: number): Mark[] {
  return wrapText(caption ?? '', 14, width).map((text, index) => {
    return { kind: 'text', text, x: MARGIN, y: MARGIN + 12 + index * 20, size: 14, bold: true };
  });
}

/** A word with its place in pixels and its colours. */
interface StyledWord extends Box {
  readonly placed: PlacedWord;
  readonly fill: Rgb;
}

function styled(placed: PlacedWord, y: number, scale: Scale): StyledWord {
  const [x, width] = [MARGIN + placed.column * LETTER, placed.columns * LETTER];
  return {
    x: x - 2,
    y: y + 2,
    width: width + 4,
    height: LINE - 5,
    placed,
    fill: colourOf(scale, placed.word.relevance),
  };
}

function wordSvg({ x, y, width, height, placed, fill }: StyledWord): string {
  const box = { x, y, width, height, rx: 3, fill: cssColour(fill) };
  const place = { x: x + 2, y: y + 15, 'font-size': SIZE, 'font-family': FIXED };
  const fit = { textLength: width - 4, lengthAdjust: 'spacingAndGlyphs', fill: textColour(fill) };
  const title = `<title>${escapeMarkup(titleOf(placed.word, formatSigned(placed.word.relevance)))}</title>`;
  const text = escapeMarkup(placed.text);
  return `<g>${title}<rect${attributes(box)}/><text${attributes({ ...place, ...fit })}>${text}</text></g>`;
}

function wordMarks({ placed, fill, ...box }: StyledWord): Mark[] {
  const colour: Rgb = textColour(fill) === '#ffffff' ? [255, 255, 255] : [0, 0, 0];
  const { x, y } = box;
  return [
    { kind: 'rect', ...box, fill },
    { kind: 'text', x: x + 2, y: y + 15, text: placed.text, size: SIZE, colour },
  ];
}
