import { InputError, type TokenScore } from '../../index.js';
import { type Scale, type ScaleOptions, scaleOf } from '../scale.js';
import { joinSubwords, type SubwordOptions, type Word } from './subwords.js';

/** What all pictures of text may be told. */
export interface TextOptions extends ScaleOptions, SubwordOptions {
  /** Whether the pieces of words are joined. Default true. */
  readonly join?: boolean;
  /** Printed above. Default none. */
  readonly caption?: string;
}

/** A picture of more letters than this nobody reads, and no viewer opens. */
const MOST_LETTERS = 2_000_000;

/**
 * Words in their order, and the scale of their colours: symmetric to the largest size unless `scale` says otherwise.
 *
 * @throws InputError when the text is longer than two million letters.
 */
export function readText(tokens: readonly TokenScore[], options: TextOptions): { words: Word[]; scale: Scale } {
  const { join = true } = options;
  const letters = tokens.reduce((sum, { token }) => sum + token.length, 0);
  if (letters > MOST_LETTERS) {
    throw new InputError(
      `The text has ${letters} letters; a picture takes up to ${MOST_LETTERS}. Draw a part of it: tokens.slice(0, 5000).`,
    );
  }
  const words = joinSubwords(tokens, join ? options : { ...options, style: 'none' });
  const scale = scaleOf([words.map((word) => word.relevance)], { colours: 'blue-red', ...options });
  return { words, scale };
}

/** Text and its relevance in one sentence, for those who do not see it: the sum, and the strongest words. */
export function describeWords(words: readonly Word[], { unit }: Scale, format: (value: number) => string): string {
  const total = words.reduce((sum, word) => sum + word.relevance, 0);
  const strongest = [...words]
    .filter((word) => word.relevance !== 0)
    .sort((a, b) => Math.abs(b.relevance) - Math.abs(a.relevance))
    .slice(0, 5)
    .map((word) => `“${word.token}” ${format(word.relevance)}`);
  const most = strongest.length > 0 ? ` Strongest: ${strongest.join(', ')}.` : '';
  return `Text of ${words.length} words coloured by ${unit}, ${format(total)} in all.${most}`;
}
