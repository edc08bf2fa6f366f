// The figure that shows an explanation: picture, signed heatmap and overlay side by side, with scale and caption.
import sharp, { type OverlayOptions } from 'sharp';
import { colourBar, heatmapPanel, inColour, overlayPanel } from './panels.js';
import type { Picture } from './picture.js';
import type { Plane } from './plane.js';
import { scaleLimit } from './scale-limit.js';
import { renderText } from './text.js';

/** What the figure shows. */
export interface Figure {
  readonly picture: Picture;
  /** Relevance per pixel, of the picture's width and height. */
  readonly relevance: Plane;
  /** Printed above: what is explained, and how. */
  readonly caption: string;
  /** Printed below the colour bar. */
  readonly unit?: string;
  /** Where the colours end; see `scaleLimit`. */
  readonly quantile?: number;
}

const margin = 16;
const textSize = 15;
const readableSide = 320;

/** Draws the figure and encodes it as PNG. */
export async function drawFigure(figure: Figure): Promise<Uint8Array> {
  const { picture, relevance, caption, unit = 'relevance, logit units', quantile = 1 } = figure;
  checkSameSize(picture, relevance);
  const limit = scaleLimit(relevance.values, quantile);
  const factor = Math.max(1, Math.ceil(readableSide / Math.max(relevance.width, relevance.height)));
  const [width, height] = [factor * relevance.width, factor * relevance.height];
  const column = (i: number): number => margin + i * (width + margin);

  const heading = await renderText(caption, textSize, 3 * width + 2 * margin);
  const titlesTop = 2 * margin + heading.height;
  const panelsTop = titlesTop + 2 * textSize;
  const barTop = panelsTop + height + margin;
  const panels = [inColour(picture), heatmapPanel(relevance, limit), overlayPanel(picture, relevance, limit)];
  const parts = [
    { input: heading.png, left: margin, top: margin },
    ...(await Promise.all(
      ['input', 'relevance', 'overlay'].map((title, i) => label(title, column(i) + width / 2, titlesTop)),
    )),
    ...(await Promise.all(
      panels.map(async (panel, i) => ({ input: await enlarge(panel, width, height), left: column(i), top: panelsTop })),
    )),
    ...(await legend(limit, quantile < 1, unit, { left: column(1), top: barTop, width })),
  ];
  const size = { width: column(3), height: barTop + 6 * textSize };
  return sharp({ create: { ...size, channels: 3, background: 'white' } })
    .composite(parts)
    .png()
    .toBuffer();
}

/** The colour bar, the numbers at its ends and middle, and their unit. */
async function legend(
  limit: number,
  clipped: boolean,
  unit: string,
  { left, top, width }: { left: number; top: number; width: number },
): Promise<OverlayOptions[]> {
  const numbers = [`${clipped ? '≤ ' : ''}${signed(-limit)}`, '0', `${clipped ? '≥ ' : ''}${signed(limit)}`];
  const [numbersTop, unitTop] = [top + 1.5 * textSize, top + 3 * textSize];
  return [
    { input: await enlarge(colourBar(), width, textSize), left, top },
    ...(await Promise.all(numbers.map((text, i) => label(text, left + (i * width) / 2, numbersTop)))),
    await label(unit, left + width / 2, unitTop),
  ];
}

/** Text centred about `x`. */
async function label(text: string, x: number, top: number): Promise<OverlayOptions> {
  const { png, width } = await renderText(text, textSize);
  return { input: png, left: Math.round(x - width / 2), top: Math.round(top) };
}

/** Every pixel becomes a block of one colour, so that what is seen is what was computed. */
async function enlarge({ data, width, height, channels }: Picture, toWidth: number, toHeight: number): Promise<Buffer> {
  const enlarged = sharp(data, { raw: { width, height, channels } });
  return enlarged.resize(toWidth, toHeight, { kernel: 'nearest', fit: 'fill' }).png().toBuffer();
}

/** Three digits, and a sign that says which side of zero. */
function signed(value: number): string {
  const digits = Number(Math.abs(value).toPrecision(3)).toString();
  return value < 0 ? `−${digits}` : value > 0 ? `+${digits}` : '0';
}

function checkSameSize(picture: Picture, relevance: Plane): void {
  if (picture.width === relevance.width && picture.height === relevance.height) return;
  const [found, expected] = [relevance, picture].map(({ width, height }) => `${width} x ${height}`);
  throw new Error(`Relevance of ${expected} expected, as the picture; got ${found}.`);
}
