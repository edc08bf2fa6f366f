// The three little pictures of a heatmap figure, one byte triple per pixel of the explained picture.
import { signedColour } from './colours.js';
import { brightness, type Picture } from './picture.js';
import type { Plane } from './plane.js';

/** A gray picture as RGB; RGB as it is. */
export function inColour(picture: Picture): Picture {
  if (picture.channels === 3) return picture;
  return paint(picture, (pixel) => {
    const gray = picture.data[pixel] ?? 0;
    return [gray, gray, gray];
  });
}

/** The map in signed colours, -limit to limit. */
export function heatmapPanel(map: Plane, limit: number): Picture {
  return paint(map, (pixel) => signedColour(map.values[pixel] ?? 0, limit));
}

/** The picture in pale gray, and over it the map's colours: the stronger the value, the less the gray shows through. */
export function overlayPanel(picture: Picture, map: Plane, limit: number): Picture {
  const gray = brightness(picture);
  return paint(map, (pixel) => {
    const value = map.values[pixel] ?? 0;
    const opacity = limit > 0 ? 0.9 * Math.min(1, Math.abs(value) / limit) : 0;
    const below = 60 + 0.75 * (gray.values[pixel] ?? 0);
    return signedColour(value, limit).map((above) => opacity * above + (1 - opacity) * below);
  });
}

/** The colour scale itself, one pixel high, from -1 to 1. */
export function colourBar(): Picture {
  const steps = 255;
  return paint({ width: steps, height: 1 }, (step) => signedColour((2 * step) / (steps - 1) - 1, 1));
}

function paint(
  { width, height }: { width: number; height: number },
  colour: (pixel: number) => readonly number[],
): Picture {
  const data = new Uint8Array(3 * width * height);
  for (let pixel = 0; pixel < width * height; pixel++) data.set(colour(pixel).map(Math.round), 3 * pixel);
  return { width, height, channels: 3, data };
}
