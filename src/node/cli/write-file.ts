import { access, constants, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
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
    throw cannotWrite(path, cause);
  }
  io.err(`written: ${path}`);
}

/**
 * Makes sure, before work is done, that results will find their place: each a file of its own that may be written, or may
 * be made with the folders around it.
 *
 * @throws InputError naming the first that will not.
 */
export async function checkResults(paths: readonly string[]): Promise<void> {
  const files = paths.filter((path) => path !== '-');
  const places = files.map((path) => resolve(path));
  const twice = files.find((_, index) => places.indexOf(places[index] ?? '') < index);
  if (twice !== undefined)
    throw new InputError(`Two results would be written to ${twice}. Give each a file of its own.`);
  for (const path of files) await checkFile(path);
}

async function checkFile(path: string): Promise<void> {
  const file = await kindOf(path);
  if (file === 'folder') throw cannotWrite(path, 'it is a folder');
  const place = file === null ? await nearest(dirname(resolve(path))) : path;
  if (file === null && (await kindOf(place)) !== 'folder') throw cannotWrite(path, `${place} is not a folder`);
  await access(place, constants.W_OK).catch((cause: unknown) => {
    throw cannotWrite(path, cause);
  });
}

/** Of the folders that a file would stand in, the innermost that is there. */
async function nearest(folder: string): Promise<string> {
  const outer = dirname(folder);
  return outer === folder || (await kindOf(folder)) !== null ? folder : nearest(outer);
}

async function kindOf(path: string): Promise<'folder' | 'file' | null> {
  const found = await stat(path).catch(() => null);
  return found && (found.isDirectory() ? 'folder' : 'file');
}

function cannotWrite(path: string, cause: unknown): InputError {
  return new InputError(`Cannot write ${path}: ${cause instanceof Error ? cause.message : cause}`);
}
