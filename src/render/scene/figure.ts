import { encodePng } from '../image/png.js';
import type { Scene } from './scene.js';
import { sceneRaster } from './scene-raster.js';
import { sceneSvg } from './scene-svg.js';

/** A picture as an SVG document of its own, with a text alternative. */
export interface Drawing {
  /** Pixels across, before any zoom. */
  readonly width: number;
  /** Pixels down, before any zoom. */
  readonly height: number;
  /** What a reader who cannot see it should know. */
  readonly alt: string;
  /** The picture: needs no other file and runs no script. */
  readonly svg: string;
}

/** A drawing that can also be had as pixels. */
export interface Figure extends Drawing {
  /**
   * The picture as the bytes of a PNG file, with all its labels and numbers.
   *
   * @param ratio Pixels per CSS pixel. Default 2.
   * @throws InputError when the ratio is not above zero, or the picture would be too large.
   */
  png(ratio?: number): Uint8Array;
}

/** A scene in its two forms. */
export function figureOf(scene: Scene): Figure {
  const { width, height, alt } = scene;
  return { width, height, alt, svg: sceneSvg(scene), png: (ratio = 2) => encodePng(sceneRaster(scene, ratio)) };
}
