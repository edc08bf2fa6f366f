import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError } from '../../index.js';
import type { Io } from './io.js';

/**
 * Writes a result into a file, whose folder is made when missing; `-` is the standard output, for texts.
 *
 * @throws InputError when it cannot be written.
 */
export async function writeResult(path: string, content: string | Uint8Array, io: Io): Promise<void> {
  if (path === '-' && typeof content === 'string') return io.out(content.trimEnd());
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  } catch (cause) {
    throw new InputError(`Cannot write ${path}: ${cause instanceof Error ? cause.message : cause}`);
  }
  io.err(`written: ${path}`);
}
