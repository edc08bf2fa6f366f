import { InputError } from '../../index.js';
import type { PictureContent } from './content.js';
import { checkPixels, pictureOf } from './pixels.js';

/**
 * Decodes a PNG of any kind: grey, colour, palette, 1 to 16 bits, interlaced, with or without transparency.
 *
 * @param name What the picture is called in messages.
 * @throws InputError when it is damaged or larger than 100 megapixels.
 */
export async function readPng(bytes: Uint8Array, name: string): Promise<PictureContent> {
  const { convertIndexedToRgb, decode } = await import('fast-png');
  checkHeader(bytes, name);
  try {
    const decoded = decode(bytes, { checkCrc: true });
    const { width, height, depth } = decoded;
    if (decoded.palette) {
      const channels = decoded.palette[0]?.length ?? 3;
      return pictureOf({ width, height, channels, data: convertIndexedToRgb(decoded), white: 255 });
    }
    const { data, channels } = decoded;
    return pictureOf({ width, height, channels, data: unpacked(data, width, height, depth), white: whiteOf(depth) });
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const reason = cause instanceof Error ? cause.message.replace(/[:\s]+$/, '') : cause;
    throw new InputError(`${name} is a damaged PNG: ${hasEnd(bytes) ? reason : 'its end is missing'}.`);
  }
}

/** True for bytes that begin as a PNG does. */
export function isPng(bytes: Uint8Array): boolean {
  return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a].every((byte, index) => bytes[index] === byte);
}

/** The size stands in the first chunk, and is read before memory is taken for it. */
function checkHeader(bytes: Uint8Array, name: string): void {
  if (!isPng(bytes) || bytes.length < 33) throw new InputError(`${name} is a damaged PNG: its header is cut off.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  checkPixels(view.getUint32(16), view.getUint32(20), name);
}

/** The last chunk is empty but for its name. */
function hasEnd(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).includes('IEND');
}

/** Grey values of 1, 2 or 4 bits come packed, each row beginning with a new byte. */
function unpacked(data: ArrayLike<number>, width: number, height: number, depth: number): ArrayLike<number> {
  if (depth >= 8) return data;
  const perByte = 8 / depth;
  const rowBytes = Math.ceil(width / perByte);
  return Uint8Array.from({ length: width * height }, (_, pixel) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    const byte = data[y * rowBytes + Math.floor(x / perByte)] ?? 0;
    return (byte >> (8 - depth * ((x % perByte) + 1))) & (2 ** depth - 1);
  });
}

function whiteOf(depth: number): number {
  return 2 ** depth - 1;
}
