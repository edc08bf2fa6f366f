import { InputError } from '../../index.js';

/**
 * Decodes UTF-8.
 *
 * @param name What the bytes are called in messages.
 * @throws InputError when they are no text.
 */
export function textOf(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${name} is not a text in UTF-8.`);
  }
}
