// Picture files: PNG, JPEG and whatever else sharp decodes, and raw bytes (.u8).
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import sharp from 'sharp';
import { bytesOf, type Picture, type Size } from './picture.js';

/**
 * Reads a picture file at the size a model wants: the largest centred part of that aspect ratio, resized.
 * Transparency is laid on white. A `.u8` file holds the bytes as they are and must have exactly this size.
 */
export async function readPicture(path: string, size: Size): Promise<Picture> {
  const file = await readFile(path).catch((cause: Error) => {
    throw new Error(`Cannot read the picture ${path}: ${cause.message}`, { cause });
  });
  const data = extname(path).toLowerCase() === '.u8' ? raw(path, file, size) : await decode(path, file, size);
  return { ...size, data };
}

function raw(path: string, file: Uint8Array, size: Size): Uint8Array {
  if (file.length === bytesOf(size)) return Uint8Array.from(file);
  const { width, height, channels } = size;
  throw new Error(
    `${path} holds ${file.length} bytes; ${width} x ${height} x ${channels} = ${bytesOf(size)} expected.`,
  );
}

async function decode(path: string, file: Uint8Array, { width, height, channels }: Size): Promise<Uint8Array> {
  try {
    const decoded = sharp(file, { failOn: 'error' })
      .autoOrient()
      .flatten({ background: 'white' })
      .resize(width, height, { fit: 'cover', position: 'centre', kernel: 'linear' })
      .toColourspace(channels === 1 ? 'b-w' : 'srgb');
    return Uint8Array.from(await decoded.raw({ depth: 'uchar' }).toBuffer());
  } catch (cause) {
    throw new Error(`${path} is not a picture that can be read: ${cause instanceof Error ? cause.message : cause}`, {
      cause,
    });
  }
}

/** Encodes a picture as PNG. */
export async function encodePng({ data, width, height, channels }: Picture): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels } }).png({ compressionLevel: 9 }).toBuffer();
}
