import { MatchError } from '../../index.js';
import type { Raster } from './raster.js';

/**
 * A picture as `ImageData`, for `context.putImageData`. Browsers only.
 *
 * @throws MatchError where there is no `ImageData`, as in Node.
 */
export function toImageData({ width, height, data }: Raster): ImageData {
  if (typeof ImageData === 'undefined') {
    throw new MatchError('There is no ImageData here: it belongs to browsers. Take encodePng(raster) instead.');
  }
  return new ImageData(Uint8ClampedArray.from(data), width, height);
}

/** Draws a picture on a canvas, which takes its size; enlarge it by CSS with `image-rendering: pixelated`. Browsers only. */
export function drawOnCanvas(raster: Raster, canvas: HTMLCanvasElement | OffscreenCanvas): void {
  canvas.width = raster.width;
  canvas.height = raster.height;
  const context = canvas.getContext('2d');
  if (!context || !('putImageData' in context)) {
    throw new MatchError('The canvas has no 2d context: it was given another kind before. Take a new canvas.');
  }
  context.putImageData(toImageData(raster), 0, 0);
}
