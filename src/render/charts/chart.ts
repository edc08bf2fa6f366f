import { BAR_WIDTH, type Bar } from '../scene/colour-bar.js';
import type { Drawing } from '../scene/figure.js';
import { type Mark, wrapText } from '../scene/scene.js';
import { markSvg, svgDocument } from '../scene/scene-svg.js';
import { type Piece, placePiece } from './plot.js';

/** What all charts may be told. */
export interface ChartOptions {
  /** Printed above. */
  readonly caption?: string;
  /** What the numbers are, printed at their axis. Default `relevance`. */
  readonly unit?: string;
  /** Width in CSS pixels. Default 640. */
  readonly width?: number;
}

export const CHART_WIDTH = 640;
const MARGIN = 12;
const LINE = 20;

/** A colour bar, once its place is known. */
export type Legend = (x: number, y: number, width: number) => Bar;

/** Pieces under one another, a caption above, a colour bar below where colours mean numbers, and a text alternative. */
export function chartOf(pieces: readonly Piece[], caption: string | undefined, alt: string, legend?: Legend): Drawing {
  const inner = pieces.reduce((most, piece) => Math.max(most, piece.width), legend ? BAR_WIDTH : 0);
  const heading = wrapText(caption ?? '', 14, inner).map((text, index): Mark => {
    return { kind: 'text', text, x: MARGIN, y: MARGIN + 12 + index * LINE, size: 14, bold: true };
  });
  let y = MARGIN + heading.length * LINE;
  const body = pieces.map((piece) => {
    const placed = placePiece(piece, MARGIN, y);
    y += piece.height;
    return placed;
  });
  const bar = legend?.(MARGIN + (inner - BAR_WIDTH) / 2, y + 8, BAR_WIDTH) ?? { height: 0, marks: [] };
  const height = y + bar.height + MARGIN;
  const width = inner + 2 * MARGIN;
  const told = `${caption === undefined ? '' : `${caption}. `}${alt}`;
  const content = `${heading.map(markSvg).join('')}${body.join('')}${bar.marks.map(markSvg).join('')}`;
  return { width, height, alt: told, svg: svgDocument(width, height, told, content) };
}
