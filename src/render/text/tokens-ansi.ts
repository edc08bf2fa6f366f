import { InputError, type TokenScore } from '../../index.js';
import { type Rgb, textColour } from '../colour-map.js';
import { formatSigned } from '../number.js';
import { colourOf, endLabels, lowEnd, type Scale } from '../scale.js';
import { barWords } from '../scene/colour-bar.js';
import { linesOf } from './lines.js';
import { readText, type TextOptions } from './options.js';

/** Options of {@link tokensAnsi}. */
export interface TokensAnsiOptions extends TextOptions {
  /** Columns of the terminal. Default 80. */
  readonly columns?: number;
  /** `true-colour` for 24-bit terminals, `256` for others, `none` writes the number behind every word. Default `true-colour`. */
  readonly palette?: 'true-colour' | '256' | 'none';
}

const RESET = '\u001b[0m';

/**
 * Tokens coloured by relevance for a terminal, wrapped, with the scale below. Control characters inside tokens are shown as
 * signs, so that no token can move the cursor or change colours.
 *
 * @throws InputError when lines have no room for a letter, or the text is longer than two million letters.
 * @throws NumericsError when a relevance is not finite.
 */
export function tokensAnsi(tokens: readonly TokenScore[], options: TokensAnsiOptions = {}): string {
  const { columns = 80, palette = 'true-colour', caption } = options;
  if (!(Number.isInteger(columns) && columns >= 2)) {
    throw new InputError(`A line needs an integer of at least 2 columns, received ${columns}.`);
  }
  const { words, scale } = readText(tokens, options);
  const shown =
    palette === 'none'
      ? words.map((word) => ({ ...word, token: `${word.token}(${formatSigned(word.relevance)})` }))
      : words;
  const lines = linesOf(shown, columns).map((line) =>
    line.map(({ word, text }) => inColour(text, colourOf(scale, word.relevance), palette)).join(' '),
  );
  const [low, high] = endLabels(scale);
  const legend = `${low} ${rampOf(scale, palette)} ${high}  ${barWords(scale).join('; ')}`;
  return [...(caption === undefined ? [] : [caption]), ...lines, legend].join('\n');
}

function inColour(text: string, colour: Rgb, palette: TokensAnsiOptions['palette']): string {
  if (palette === 'none') return text;
  const light = textColour(colour) === '#ffffff';
  if (palette === '256') return `\u001b[48;5;${cubeColour(colour)};38;5;${light ? 231 : 16}m${text}${RESET}`;
  const ink = light ? '255;255;255' : '0;0;0';
  return `\u001b[48;2;${colour.join(';')};38;2;${ink}m${text}${RESET}`;
}

/** The nearest of the 6 × 6 × 6 colours that terminals number from 16. */
function cubeColour(colour: Rgb): number {
  // The steps of the cube lie at 0, 95, 135, 175, 215 and 255.
  const [red = 0, green = 0, blue = 0] = colour.map((byte) => Math.max(0, Math.round((byte - 55) / 40)));
  return 16 + 36 * red + 6 * green + blue;
}

/** Eleven blocks from the lower end to the upper. */
function rampOf(scale: Scale, palette: TokensAnsiOptions['palette']): string {
  if (palette === 'none') return 'to';
  const low = lowEnd(scale);
  const steps = Array.from({ length: 11 }, (_, step) => low + ((scale.limit - low) * step) / 10);
  return steps.map((value) => inColour(' ', colourOf(scale, value), palette)).join('');
}
