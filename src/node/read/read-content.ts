import { extname } from 'node:path';
import { InputError } from '../../index.js';
import { readBytes } from './bytes.js';
import type { Content } from './content.js';
import { readCsv } from './csv.js';
import { isJpeg, readJpeg } from './jpeg.js';
import { contentOfJson, pointAt } from './json.js';
import { parseJson } from './json-text.js';
import { isNpy, readNpy } from './npy.js';
import { isPng, readPng } from './png.js';
import { textOf } from './text-of.js';

const MEBIBYTE = 2 ** 20;
/** Numbers and pictures, and texts, of which a model reads but the first words. */
const MOST_BYTES = 256 * MEBIBYTE;
const MOST_TEXT = 16 * MEBIBYTE;

const READERS: Readonly<
  Record<string, (bytes: Uint8Array, name: string, pointer: string) => Content | Promise<Content>>
> = {
  '.png': readPng,
  '.jpg': readJpeg,
  '.jpeg': readJpeg,
  '.npy': readNpy,
  '.csv': (bytes, name) => readCsv(textOf(bytes, name), name),
  '.tsv': (bytes, name) => readCsv(textOf(bytes, name), name),
  '.json': (bytes, name, pointer) =>
    contentOfJson(pointAt(parseJson(textOf(bytes, name), name), pointer, name), `${name}${pointer && `#${pointer}`}`),
  '.txt': (bytes, name) => ({ kind: 'text', text: textOf(bytes, name) }),
  '.u8': (bytes) => ({ kind: 'bytes', data: bytes }),
};

/**
 * Reads an input file: a picture (`.png`, `.jpg`), numbers (`.npy`, `.csv`, `.tsv`, `.json`, raw bytes as `.u8`) or a text
 * (`.txt`). Part of a JSON file is named by a pointer: `samples.json#/0/path`.
 *
 * @throws InputError when the file is missing, of another kind, damaged or too large.
 */
export async function readContent(reference: string): Promise<Content> {
  const [, path = reference, pointer = ''] = /^(.*\.json)#(.*)$/is.exec(reference) ?? [];
  if (pointer !== '' && !pointer.startsWith('/')) {
    throw new InputError(`A part of a JSON file is named from a slash on: ${path}#/${pointer}, not ${reference}.`);
  }
  const extension = extname(path).toLowerCase();
  const reader = READERS[extension];
  const bytes = await readBytes(path, extension === '.txt' ? MOST_TEXT : MOST_BYTES);
  return decodeContent(bytes, path, reader ? extension : '', pointer);
}

/**
 * As {@link readContent}, for bytes in memory.
 *
 * @param extension `.png` and so on; where it is empty, or the bytes are plainly a picture or an array, these decide.
 */
export async function decodeContent(
  bytes: Uint8Array,
  name: string,
  extension: string,
  pointer = '',
): Promise<Content> {
  const reader = READERS[kindByBytes(bytes) ?? extension];
  if (reader) return reader(bytes, name, pointer);
  const known = Object.keys(READERS).join(', ');
  throw new InputError(`${name} is of no kind that can be read. Expected one of ${known}.`);
}

/** A picture named `.png` may be a JPEG; what its bytes say is right. */
function kindByBytes(bytes: Uint8Array): string | null {
  if (isPng(bytes)) return '.png';
  if (isJpeg(bytes)) return '.jpg';
  return isNpy(bytes) ? '.npy' : null;
}
