import { extname } from 'node:path';
import { InputError } from '../../index.js';
import { readBytes } from './bytes.js';
import { readRows } from './csv.js';
import { isRecord, parseJson } from './json-text.js';
import { textOf } from './text-of.js';

const MOST_BYTES = 64 * 2 ** 20;

/** The number of each word. */
export type Vocabulary = ReadonlyMap<string, number>;

/**
 * Reads a vocabulary: a CSV of `word,number`, a JSON record of numbers by word, or a list of words (JSON, or one per line)
 * whose places are their numbers, from 0.
 *
 * @throws InputError when it is none of these, or a word has no whole number.
 */
export async function readVocabulary(path: string): Promise<Vocabulary> {
  const text = textOf(await readBytes(path, MOST_BYTES), path);
  return decodeVocabulary(text, path, extname(path).toLowerCase());
}

/** As {@link readVocabulary}, for a text in memory. */
export async function decodeVocabulary(text: string, name: string, extension: string): Promise<Vocabulary> {
  if (extension === '.json') return fromJson(parseJson(text, name), name);
  if (extension === '.csv' || extension === '.tsv') return fromRows(await readRows(text, name), name);
  const lines = text.split(/\r?\n/);
  return numbered(lines.at(-1) === '' ? lines.slice(0, -1) : lines, name);
}

function fromJson(value: unknown, name: string): Vocabulary {
  if (Array.isArray(value)) return numbered(value, name);
  if (!isRecord(value))
    throw new InputError(`${name} is no vocabulary: a record of numbers by word expected, or a list of words.`);
  return checked(Object.entries(value), name);
}

function fromRows(rows: readonly (readonly string[])[], name: string): Vocabulary {
  if (rows[0]?.length !== 2) {
    throw new InputError(
      `${name} is no vocabulary: rows of word,number expected, found ${rows[0]?.length ?? 0} columns.`,
    );
  }
  // A first row without a number is the head.
  const [first, ...others] = rows;
  const body = first && Number.isInteger(numberOf(first[1])) ? rows : others;
  return checked(
    body.map(([word = '', number]) => [word, numberOf(number)]),
    name,
  );
}

function numberOf(cell: string | undefined): number {
  return cell ? Number(cell) : Number.NaN;
}

function numbered(words: readonly unknown[], name: string): Vocabulary {
  const bad = words.findIndex((word) => typeof word !== 'string');
  if (bad >= 0) throw new InputError(`${name} is no vocabulary: element ${bad} is no word.`);
  return checked(
    words.map((word, index) => [String(word), index]),
    name,
  );
}

function checked(entries: readonly (readonly [string, unknown])[], name: string): Vocabulary {
  if (entries.length === 0) throw new InputError(`${name} is no vocabulary: it has no words.`);
  return new Map(
    entries.map(([word, number]) => {
      if (typeof number === 'number' && Number.isInteger(number) && number >= 0) return [word, number];
      throw new InputError(
        `${name} is no vocabulary: ${JSON.stringify(word.slice(0, 40))} has no whole number from 0 up.`,
      );
    }),
  );
}
