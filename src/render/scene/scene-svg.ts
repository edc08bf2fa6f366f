import { cssColour } from '../colour-map.js';
import { attributes, escapeMarkup } from '../escape.js';
import { pngDataUrl } from '../image/png.js';
import { INK, type Mark, type Scene, type TextMark } from './scene.js';

/** Fonts that systems have; the picture brings none of its own. */
export const FONT = "system-ui, 'DejaVu Sans', Arial, sans-serif";

/** A scene as an SVG document of its own. */
export function sceneSvg({ width, height, marks, alt }: Scene): string {
  return svgDocument(width, height, alt, marks.map(markSvg).join(''));
}

/** The frame of every SVG: one picture to screen readers, described by its text alternative. */
export function svgDocument(width: number, height: number, alt: string, content: string): string {
  const [w, h] = [Math.ceil(width), Math.ceil(height)];
  const frame = { xmlns: 'http://www.w3.org/2000/svg', width: w, height: h, viewBox: `0 0 ${w} ${h}` };
  const reading = { role: 'img', 'aria-label': alt, 'font-family': FONT };
  return `<svg${attributes({ ...frame, ...reading })}><rect width="${w}" height="${h}" fill="#ffffff"/>${content}</svg>`;
}

/** One mark. */
export function markSvg(mark: Mark): string {
  switch (mark.kind) {
    case 'image': {
      const { x, y, width, height, raster, smooth } = mark;
      const style = smooth ? undefined : 'image-rendering:pixelated';
      const box = { x, y, width, height, preserveAspectRatio: 'none', style };
      return `<image${attributes(box)} href="${pngDataUrl(raster)}"/>`;
    }
    case 'rect': {
      const { x, y, width, height, fill } = mark;
      return `<rect${attributes({ x, y, width, height, fill: cssColour(fill) })}/>`;
    }
    case 'text':
      return textSvg(mark);
  }
}

/** A line of text. */
export function textSvg({ x, y, text, size, anchor, bold, colour = INK }: TextMark): string {
  const place = { x, y, 'font-size': size, 'text-anchor': anchor === 'start' ? undefined : anchor };
  const look = { 'font-weight': bold ? 600 : undefined, fill: cssColour(colour) };
  return `<text${attributes({ ...place, ...look })}>${escapeMarkup(text)}</text>`;
}
