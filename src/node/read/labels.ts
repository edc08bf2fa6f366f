import { InputError } from '../../index.js';
import { readBytes } from './bytes.js';
import { isRecord, parseJson } from './json-text.js';
import { textOf } from './text-of.js';

const MOST_BYTES = 16 * 2 ** 20;

/** Names of an output's units, by their number. */
export type Labels = ReadonlyMap<number, string>;

/**
 * Reads names of units: a JSON list in their order, a JSON record by number, or a text with one name per line.
 *
 * @throws InputError when it is none of these.
 */
export async function readLabels(path: string): Promise<Labels> {
  return decodeLabels(textOf(await readBytes(path, MOST_BYTES), path), path);
}

/** As {@link readLabels}, for a text in memory. */
export function decodeLabels(text: string, name: string): Labels {
  if (!name.toLowerCase().endsWith('.json')) return new Map(text.trimEnd().split(/\r?\n/).entries());
  const value = parseJson(text, name);
  const entries = Array.isArray(value) ? [...value.entries()] : isRecord(value) ? Object.entries(value) : [];
  if (entries.length === 0)
    throw new InputError(`${name} names no units: a list of names expected, or a record by number.`);
  return new Map(
    entries.map(([unit, label]): [number, string] => {
      if (typeof label === 'string' && /^\d+$/.test(String(unit))) return [Number(unit), label];
      throw new InputError(
        `${name} has no name for unit ${JSON.stringify(unit)}: a list of names expected, or a record by number.`,
      );
    }),
  );
}
