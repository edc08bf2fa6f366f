import { InputError } from '../../index.js';
import type { NumberContent, TextContent } from './content.js';
import { isRecord } from './json-text.js';

/** Axes of the deepest list that is read. */
const MOST_AXES = 8;

/**
 * The part of a JSON value that a pointer names (RFC 6901): `/0/path` is field `path` of the first element.
 *
 * @param name What the value is called in messages.
 * @throws InputError naming the first part that is not there, and what is.
 */
export function pointAt(value: unknown, pointer: string, name: string): unknown {
  let [current, walked] = [value, ''];
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const fields = fieldsOf(current);
    if (!fields.has(key)) {
      throw new InputError(`${name} has nothing at "${walked}/${part}". It has ${listed([...fields.keys()])}.`);
    }
    current = fields.get(key);
    walked += `/${part}`;
  }
  return current;
}

/**
 * A JSON value as an input: a text, a number, or lists of numbers of any depth.
 *
 * @throws InputError for anything else, and for rows of different lengths, with the place.
 */
export function contentOfJson(value: unknown, name: string): NumberContent | TextContent {
  if (typeof value === 'string') return { kind: 'text', text: value };
  const shape: number[] = [];
  for (let inner = value; Array.isArray(inner); inner = inner[0]) {
    shape.push(inner.length);
    if (shape.length > MOST_AXES) throw new InputError(`${name} has lists in more than ${MOST_AXES} levels.`);
  }
  if (shape.includes(0)) throw new InputError(`${name} is an empty list.`);
  // Grows with what is there: the first rows may promise more than all have.
  const data: number[] = [];
  const fill = (inner: unknown, depth: number, path: string): void => {
    const length = shape[depth];
    if (length === undefined) {
      data.push(numberAt(inner, path, name));
    } else if (Array.isArray(inner) && inner.length === length) {
      inner.forEach((one: unknown, index) => void fill(one, depth + 1, `${path}/${index}`));
    } else {
      throw new InputError(`${name} has ${kindOf(inner)} at "${path}", where its first rows have a list of ${length}.`);
    }
  };
  fill(value, 0, '');
  return { kind: 'numbers', shape, data: Float32Array.from(data) };
}

function numberAt(value: unknown, path: string, name: string): number {
  if (typeof value === 'number' && Number.isFinite(Math.fround(value))) return value;
  const found = path === '' ? `is ${kindOf(value)}` : `has ${kindOf(value)} at "${path}"`;
  throw new InputError(
    `${name} ${found}. A finite number expected, a list of them, or a text.${hintFor(value, path, name)}`,
  );
}

/** The way into a record, where its first field has a plain name. */
function hintFor(value: unknown, path: string, name: string): string {
  const key = isRecord(value) ? Object.keys(value).find((one) => /^[\w.-]{1,40}$/.test(one)) : undefined;
  return key === undefined
    ? ''
    : ` Name the part that is the input, such as ${name}${name.includes('#') ? '' : '#'}${path}/${key}`;
}

function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  if (Array.isArray(value)) return new Map(value.map((one: unknown, index) => [String(index), one]));
  return new Map(isRecord(value) ? Object.entries(value) : []);
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value === null) return 'null';
  if (typeof value === 'object') return 'an object';
  return JSON.stringify(value)?.slice(0, 40) ?? String(value);
}

function listed(keys: readonly string[]): string {
  if (keys.length === 0) return 'no fields';
  const numbered = keys.length > 5 && keys[0] === '0';
  return numbered
    ? `0 to ${keys.length - 1}`
    : keys
        .slice(0, 20)
        .map((key) => `"${key}"`)
        .join(', ');
}
