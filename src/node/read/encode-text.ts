import { InputError } from '../../index.js';
import type { Vocabulary } from './vocabulary.js';

/** How a text becomes numbers. */
export interface TextEncoding {
  readonly vocabulary: Vocabulary;
  /** Number of words that the vocabulary lacks; absent: such a word is an error. */
  readonly unknown?: number;
  /** Number of positions without a word. Default 0. */
  readonly pad?: number;
  /** Where they are. Default `left`. */
  readonly padding?: 'left' | 'right';
  /** Whether capitals matter. Default false: words are looked up in small letters. */
  readonly caseSensitive?: boolean;
}

/** Words side by side with their numbers, one for each position of the model's input. */
export interface EncodedText {
  readonly numbers: readonly number[];
  /** The word at each position; empty where there is none. */
  readonly tokens: readonly string[];
  /** Words that the vocabulary lacks. */
  readonly missing: readonly string[];
  /** Words left out because the text is too long. */
  readonly dropped: number;
}

/** What is taken of a word: letters, digits and what stands inside it, as in don't. */
const WORD = /[\p{L}\p{N}]+(?:['’_-][\p{L}\p{N}]+)*/gu;

/**
 * Cuts a text into words and looks up their numbers. A text that is too long loses its beginning where padding is on the
 * left, else its end, as is usual.
 *
 * @param positions How many words the model takes; null for any number.
 * @throws InputError when there are no words, or one is unknown and has no number for that.
 */
export function encodeText(text: string, positions: number | null, encoding: TextEncoding): EncodedText {
  const { vocabulary, unknown, pad = 0, padding = 'left', caseSensitive = false } = encoding;
  const words = (caseSensitive ? text : text.toLowerCase()).match(WORD) ?? [];
  if (words.length === 0) throw new InputError('The text has no words.');
  const length = positions ?? words.length;
  const kept = padding === 'left' ? words.slice(-length) : words.slice(0, length);
  const missing = [...new Set(kept.filter((word) => !vocabulary.has(word)))];
  if (missing.length > 0 && unknown === undefined) {
    const some = missing.slice(0, 10).map((word) => `"${word.slice(0, 40)}"`);
    throw new InputError(
      `The vocabulary of ${vocabulary.size} words lacks ${some.join(', ')}. Say which number such words have: --unknown 0.`,
    );
  }
  const numbers = kept.map((word) => vocabulary.get(word) ?? unknown ?? 0);
  const blank = Array.from({ length: length - kept.length }, () => ({ number: pad, token: '' }));
  const filled = kept.map((token, index) => ({ number: numbers[index] ?? 0, token }));
  const all = padding === 'left' ? [...blank, ...filled] : [...filled, ...blank];
  return {
    numbers: all.map(({ number }) => number),
    tokens: all.map(({ token }) => token),
    missing,
    dropped: words.length - kept.length,
  };
}
