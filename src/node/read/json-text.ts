import { InputError } from '../../index.js';

/**
 * Parses JSON.
 *
 * @param name What the text is called in messages, such as the path of its file.
 * @throws InputError when it is not JSON.
 */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${name} is not JSON: ${cause instanceof Error ? cause.message : cause}`);
  }
}

/** True for anything with named fields. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
