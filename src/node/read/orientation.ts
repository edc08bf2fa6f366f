import type { PictureContent } from './content.js';

/** Where the picture's own row and column of a pixel lie, for each of the eight ways a camera can be held. */
const PLACES: Readonly<Record<number, (x: number, y: number, width: number, height: number) => [number, number]>> = {
  2: (x, y, width) => [width - 1 - x, y],
  3: (x, y, width, height) => [width - 1 - x, height - 1 - y],
  4: (x, y, _, height) => [x, height - 1 - y],
  5: (x, y) => [y, x],
  6: (x, y, _, height) => [y, height - 1 - x],
  7: (x, y, width, height) => [width - 1 - y, height - 1 - x],
  8: (x, y, width) => [width - 1 - y, x],
};

/** Turns a picture the right way up, as its camera noted; 1 leaves it as it is. */
export function upright(picture: PictureContent, orientation: number): PictureContent {
  const place = PLACES[orientation];
  if (!place) return picture;
  const { channels, data } = picture;
  const turned = orientation > 4;
  const [width, height] = turned ? [picture.height, picture.width] : [picture.width, picture.height];
  const bytes = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [column, row] = place(x, y, picture.width, picture.height);
      const from = (row * picture.width + column) * channels;
      bytes.set(data.subarray(from, from + channels), (y * width + x) * channels);
    }
  }
  return { kind: 'picture', width, height, channels, data: bytes };
}

const EXIF = [0x45, 0x78, 0x69, 0x66, 0, 0];
const ORIENTATION_TAG = 0x0112;

/** What the EXIF part of a JPEG says of the orientation, 1 to 8; 1 where there is none, or it makes no sense. */
export function orientationOf(jpeg: Uint8Array): number {
  const exif = exifOf(jpeg);
  if (!exif || exif.byteLength < 8) return 1;
  const little = exif.getUint16(0) === 0x4949;
  const first = exif.getUint32(4, little);
  if (first + 2 > exif.byteLength) return 1;
  const count = exif.getUint16(first, little);
  for (let entry = 0; entry < count; entry++) {
    // An entry has twelve bytes: tag, type, count, and the value itself where it is short.
    const at = first + 2 + 12 * entry;
    if (at + 12 > exif.byteLength) return 1;
    if (exif.getUint16(at, little) === ORIENTATION_TAG) return exif.getUint16(at + 8, little);
  }
  return 1;
}

/** The TIFF block inside the first EXIF segment. */
function exifOf(jpeg: Uint8Array): DataView | null {
  for (let at = 2; at + 4 <= jpeg.length && jpeg[at] === 0xff; ) {
    const [marker, length] = [jpeg[at + 1], ((jpeg[at + 2] ?? 0) << 8) | (jpeg[at + 3] ?? 0)];
    // The picture itself begins: no such segment comes after that.
    if (marker === 0xda || length < 2) return null;
    const body = jpeg.subarray(at + 4, at + 2 + length);
    if (marker === 0xe1 && EXIF.every((byte, index) => body[index] === byte)) {
      return new DataView(body.buffer, body.byteOffset + EXIF.length, body.length - EXIF.length);
    }
    at += 2 + length;
  }
  return null;
}
