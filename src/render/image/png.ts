import { encode } from 'fast-png';
import type { Raster } from './raster.js';

/** A picture as the bytes of a PNG file. */
export function encodePng({ width, height, data }: Raster): Uint8Array {
  return encode({ width, height, data: Uint8Array.from(data), channels: 4, depth: 8 });
}

/** A picture as `data:image/png;base64,...`, for `<img src>` and for SVG. */
export function pngDataUrl(raster: Raster): string {
  return `data:image/png;base64,${base64(encodePng(raster))}`;
}

/** Bytes as base64; in parts, since a call takes only so many arguments. */
export function base64(bytes: Uint8Array): string {
  let binary = '';
  for (let start = 0; start < bytes.length; start += 0x8000) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 0x8000));
  }
  return btoa(binary);
}
