import { dirname, join, resolve } from 'node:path';
import { InputError } from '../../index.js';
import { readBytes } from './bytes.js';
import { isRecord, parseJson } from './json-text.js';
import { textOf } from './text-of.js';

/** What a model wants done to its inputs; every part may also be a flag of the command line. */
export interface Preprocessing {
  /** value = number × scale + offset; several: one for each channel (last axis). */
  readonly scale?: readonly number[];
  readonly offset?: readonly number[];
  /** How a picture of another shape is brought to the model's: its centre, or all of it. Default `crop`. */
  readonly fit?: 'crop' | 'stretch';
  /** Path of the vocabulary. */
  readonly vocabulary?: string;
  readonly unknown?: number;
  readonly pad?: number;
  readonly padding?: 'left' | 'right';
  readonly caseSensitive?: boolean;
  /** Path of the names of the output's units. */
  readonly labels?: string;
  /** Names of the input's features (last axis). */
  readonly features?: readonly string[];
}

const MOST_BYTES = 2 ** 20;

const PARSERS: { readonly [K in keyof Required<Preprocessing>]: (value: unknown, folder: string) => unknown } = {
  scale: numbersOf,
  offset: numbersOf,
  fit: (value) => (value === 'crop' || value === 'stretch' ? value : undefined),
  vocabulary: pathOf,
  unknown: wholeOf,
  pad: wholeOf,
  padding: (value) => (value === 'left' || value === 'right' ? value : undefined),
  caseSensitive: (value) => (typeof value === 'boolean' ? value : undefined),
  labels: pathOf,
  features: (value) => (Array.isArray(value) && value.every((name) => typeof name === 'string') ? value : undefined),
};

/**
 * Reads a file such as `{"scale": "1/255", "labels": "labels.json"}`; its paths begin at its own folder.
 *
 * @throws InputError naming a field that is unknown or makes no sense.
 */
export async function readPreprocessing(path: string): Promise<Preprocessing> {
  return decodePreprocessing(textOf(await readBytes(path, MOST_BYTES), path), path);
}

/** As {@link readPreprocessing}, for a text in memory. */
export function decodePreprocessing(text: string, path: string): Preprocessing {
  const value = parseJson(text, path);
  if (!isRecord(value)) throw new InputError(`${path} must hold a record of ${known()}.`);
  return Object.fromEntries(
    Object.entries(value).map(([field, content]) => {
      const parse = Object.hasOwn(PARSERS, field) ? PARSERS[field as keyof Preprocessing] : undefined;
      if (!parse) throw new InputError(`${path} has an unknown field "${field}". Known: ${known()}.`);
      const parsed = parse(content, dirname(resolve(path)));
      if (parsed !== undefined) return [field, parsed];
      throw new InputError(`${path} has ${JSON.stringify(content)} as "${field}", which makes no sense there.`);
    }),
  );
}

/**
 * A decimal number or a fraction such as `1/255`, or several of them separated by commas; undefined for anything else.
 */
export function parseNumbers(text: string): readonly number[] | undefined {
  const numbers = text.split(',').map((part) => {
    const [numerator = Number.NaN, denominator = 1, ...others] = part
      .split('/')
      .map((piece) => (piece.trim() === '' ? Number.NaN : Number(piece)));
    return others.length === 0 ? numerator / denominator : Number.NaN;
  });
  return numbers.every(Number.isFinite) ? numbers : undefined;
}

function numbersOf(value: unknown): readonly number[] | undefined {
  const parts = Array.isArray(value) ? value : [value];
  const parsed = parts.map((part) =>
    typeof part === 'number' ? [part] : typeof part === 'string' ? parseNumbers(part) : undefined,
  );
  return parsed.every((list) => list !== undefined) && parsed.length > 0 ? parsed.flat() : undefined;
}

function wholeOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : undefined;
}

function pathOf(value: unknown, folder: string): string | undefined {
  return typeof value === 'string' && value !== '' ? join(folder, value) : undefined;
}

function known(): string {
  return Object.keys(PARSERS).join(', ');
}
