import { InputError } from '../../index.js';
import type { PictureContent } from './content.js';
import { orientationOf, upright } from './orientation.js';
import { pictureOf } from './pixels.js';

const MOST_MEGAPIXELS = 100;
const MOST_MEGABYTES = 2048;

/**
 * Decodes a JPEG, as colour, the right way up where the camera noted how it was held.
 *
 * @param name What the picture is called in messages.
 * @throws InputError when it is damaged or larger than 100 megapixels.
 */
export async function readJpeg(bytes: Uint8Array, name: string): Promise<PictureContent> {
  const { default: jpeg } = await import('jpeg-js');
  try {
    const { width, height, data } = jpeg.decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: MOST_MEGAPIXELS,
      maxMemoryUsageInMB: MOST_MEGABYTES,
    });
    return upright(pictureOf({ width, height, channels: 3, data, white: 255 }), orientationOf(bytes));
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(`${name} is a damaged JPEG: ${cause instanceof Error ? cause.message : cause}`);
  }
}

/** True for bytes that begin as a JPEG does. */
export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}
