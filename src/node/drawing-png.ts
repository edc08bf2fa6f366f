import { InputError } from '../index.js';
import type { Drawing, Figure } from '../render/index.js';
import { firstLine, loadPackage } from './load-package.js';

type Sharp = typeof import('sharp');

/** More would not fit into the memory of many machines. */
const MOST_PIXELS = 100_000_000;

/** Dots per inch at which the drawing library makes one pixel of a CSS pixel. */
const DENSITY = 72;

/**
 * Any picture as the bytes of a PNG file. Heatmaps and texts draw themselves, see {@link Figure.png}. Charts and diagrams are
 * drawn from their SVG by the package `sharp`, which is installed where it is wanted (`npm install sharp`), with the fonts of
 * the system.
 *
 * @param ratio Pixels per CSS pixel. Default 2.
 * @throws InputError when `sharp` is needed and not installed, the system has no font, the ratio is not above zero, or the
 * picture would be too large.
 */
export async function drawingPng(drawing: Drawing | Figure, ratio = 2): Promise<Uint8Array> {
  if ('png' in drawing) return drawing.png(ratio);
  const { width, height, svg } = drawing;
  if (!(ratio > 0 && width * ratio * height * ratio <= MOST_PIXELS)) {
    throw new InputError(
      `A drawing of ${Math.ceil(width)} × ${Math.ceil(height)} cannot become a PNG with ${ratio} pixels per CSS pixel: a ` +
        `number above 0 expected, and at most ${MOST_PIXELS} pixels in all.`,
    );
  }
  const sharp = await startSharp();
  return pngBytes(sharp, svg, DENSITY * ratio);
}

/**
 * Loads what draws charts as PNG, so that its absence shows before work is done.
 *
 * @throws InputError when it is not installed, or the system has no font.
 */
export async function startSharp(): Promise<Sharp['default']> {
  const module = await loadPackage('sharp').catch((cause: Error) => {
    const missing = 'code' in cause && /MODULE_NOT_FOUND$/.test(String(cause.code));
    const state = missing ? 'is not installed' : `does not start (${firstLine(cause)})`;
    throw new InputError(
      `Charts are drawn as PNG by the package sharp, which ${state}. Run: npm install sharp. Or take SVG, which needs nothing.`,
    );
  });
  const { default: sharp } = module as Sharp;
  if (await hasFont(sharp)) return sharp;
  throw new InputError(
    'Charts cannot be drawn as PNG here: the system has no fonts, and their labels would be empty boxes. Install some, ' +
      'such as the Debian package fonts-dejavu-core. Or take SVG, which brings its letters as text.',
  );
}

/** Without fonts every letter is the same box. */
async function hasFont(sharp: Sharp['default']): Promise<boolean> {
  const [thin, wide] = await Promise.all(['i', 'W'].map((letter) => pngBytes(sharp, letterSvg(letter), DENSITY)));
  return !thin || !wide || Buffer.compare(thin, wide) !== 0;
}

function letterSvg(letter: string): string {
  const frame = 'xmlns="http://www.w3.org/2000/svg" width="32" height="32"';
  return `<svg ${frame}><text x="4" y="24" font-size="24" font-family="sans-serif">${letter}</text></svg>`;
}

function pngBytes(sharp: Sharp['default'], svg: string, density: number): Promise<Uint8Array> {
  return sharp(Buffer.from(svg), { density }).png().toBuffer();
}
