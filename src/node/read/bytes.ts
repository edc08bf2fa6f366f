import { readFile, stat } from 'node:fs/promises';
import { InputError } from '../../index.js';

/**
 * Reads a file that is not absurdly large.
 *
 * @param limit Most bytes.
 * @throws InputError when it is no file, cannot be read, is empty or too large.
 */
export async function readBytes(path: string, limit: number): Promise<Uint8Array> {
  const found = await stat(path).catch((cause: Error) => {
    throw new InputError(`Cannot read ${path}: ${cause.message}`);
  });
  if (!found.isFile()) throw new InputError(`${path} is not a file.`);
  if (found.size > limit) {
    throw new InputError(`${path} holds ${found.size} bytes; at most ${limit} are read of such a file.`);
  }
  const bytes = await readFile(path).catch((cause: Error) => {
    throw new InputError(`Cannot read ${path}: ${cause.message}`);
  });
  if (bytes.length === 0) throw new InputError(`${path} is empty.`);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
