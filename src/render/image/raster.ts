import { InputError } from '../../index.js';
import { colourOf, type Scale } from '../scale.js';
import { type Plane, resizePlane } from './plane.js';

/** A picture as pixels: RGBA, four bytes each, row by row, not premultiplied. */
export interface Raster {
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
  /** `4 · width · height` bytes. */
  readonly data: Uint8ClampedArray;
}

/** How a heatmap is laid over a picture. */
export interface OverlayOptions {
  /**
   * How much of the picture the colours hide: `by-size` lets strong relevance hide it and weak relevance none of it; a number
   * from 0 to 1 blends evenly. Default `by-size`.
   */
  readonly opacity?: 'by-size' | number;
  /** Whether the picture below loses its own colours, which else mix with those of the heatmap. Default true. */
  readonly grey?: boolean;
  /** How a coarser map is enlarged: as blocks, or smoothly, which invents detail. Default `nearest`. */
  readonly resize?: 'nearest' | 'linear';
}

/** Strongest relevance still lets a little of the picture through. */
const OPAQUE = 0.9;

/** A map in the colours of its scale. */
export function paintPlane({ width, height, values }: Plane, scale: Scale): Raster {
  return paint(width, height, (pixel) => colourOf(scale, values[pixel] ?? 0));
}

/**
 * A map laid over the picture it explains; the result has the size of the picture.
 *
 * @throws InputError when the opacity is no number from 0 to 1.
 */
export function overlayPlane(picture: Raster, map: Plane, scale: Scale, options: OverlayOptions = {}): Raster {
  const { opacity = 'by-size', grey = true, resize = 'nearest' } = options;
  if (opacity !== 'by-size' && !(opacity >= 0 && opacity <= 1)) {
    throw new InputError(`The opacity must be 'by-size' or a number from 0 to 1, received ${opacity}.`);
  }
  const { width, height } = picture;
  const { values } = resizePlane(map, width, height, resize);
  return paint(width, height, (pixel) => {
    const value = values[pixel] ?? 0;
    const size = scale.limit > 0 ? Math.min(1, Math.abs(value) / scale.limit) : 0;
    const share = opacity === 'by-size' ? OPAQUE * size : opacity;
    const below = grey ? paleGrey(picture, pixel) : pixelOf(picture, pixel);
    return colourOf(scale, value).map((byte, channel) => share * byte + (1 - share) * (below[channel] ?? 0));
  });
}

/** A picture made pixel by pixel from three bytes each. */
export function paint(width: number, height: number, colour: (pixel: number) => readonly number[]): Raster {
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) data.set(colour(pixel), 4 * pixel);
  return { width, height, data };
}

function pixelOf({ data }: Raster, pixel: number): readonly number[] {
  return [0, 1, 2].map((channel) => data[4 * pixel + channel] ?? 0);
}

/** Brightness by the weights of Rec. 709, kept off black so that colours above it stay what they are. */
function paleGrey(picture: Raster, pixel: number): readonly number[] {
  const [red = 0, green = 0, blue = 0] = pixelOf(picture, pixel);
  const grey = 60 + 0.75 * (0.2126 * red + 0.7152 * green + 0.0722 * blue);
  return [grey, grey, grey];
}
