import { InputError } from '../../index.js';
import type { PictureContent } from './content.js';

const MOST_PIXELS = 100e6;

/** @throws InputError for a picture without pixels, or with more than memory is good for. */
export function checkPixels(width: number, height: number, name: string): void {
  if (width > 0 && height > 0 && width * height <= MOST_PIXELS) return;
  throw new InputError(`${name} says it is ${width} x ${height} pixels. Expected 1 to ${MOST_PIXELS / 1e6} million.`);
}

/** Pixels as a decoder gives them. */
export interface DecodedPixels {
  readonly width: number;
  readonly height: number;
  /** 1: grey, 2: grey and opacity, 3: colour, 4: colour and opacity. */
  readonly channels: number;
  readonly data: ArrayLike<number>;
  /** The number that means white, or opaque. */
  readonly white: number;
}

/** The picture in bytes, laid on white where it is transparent. */
export function pictureOf({ width, height, channels, data, white }: DecodedPixels): PictureContent {
  if (data.length !== width * height * channels) {
    throw new InputError(`${data.length} numbers are no picture of ${width} x ${height} pixels.`);
  }
  const kept = channels < 3 ? 1 : 3;
  const hasOpacity = channels === 2 || channels === 4;
  const bytes = new Uint8Array(width * height * kept);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const from = pixel * channels;
    const opacity = hasOpacity ? (data[from + kept] ?? 0) / white : 1;
    for (let channel = 0; channel < kept; channel++) {
      const value = (data[from + channel] ?? 0) / white;
      bytes[pixel * kept + channel] = Math.round(255 * (opacity * value + 1 - opacity));
    }
  }
  return { kind: 'picture', width, height, channels: kept, data: bytes };
}
