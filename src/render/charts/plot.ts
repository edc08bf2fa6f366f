// The door to the plotting library. It is loaded when the first chart is drawn, so that whoever draws none does not pay.
import type { PlotOptions } from '@observablehq/plot';
import { cssColour } from '../colour-map.js';
import { attributes, showControls, wellFormed } from '../escape.js';
import { INK } from '../scene/scene.js';
import { FONT } from '../scene/scene-svg.js';

/** The plotting library. */
export type Plotting = typeof import('@observablehq/plot');

/** One part of a chart. */
export interface Piece {
  readonly width: number;
  readonly height: number;
  /** `<svg>` of its own, at the upper left corner. */
  readonly svg: string;
}

/** Draws with the page's document, or with one in memory where there is no page. */
export async function drawPlot(
  width: number,
  height: number,
  describe: (plot: Plotting) => PlotOptions,
): Promise<Piece> {
  const plot = await import('@observablehq/plot');
  const document = globalThis.document ?? (await import('linkedom')).parseHTML('<html><body></body></html>').document;
  const drawn = plot.plot({ document, width, height, ...describe(plot) });
  for (const style of drawn.querySelectorAll('style')) style.remove();
  // The picture as a whole has a text alternative; its parts have none of their own.
  for (const part of drawn.querySelectorAll('[aria-label],[aria-hidden]')) {
    part.removeAttribute('aria-label');
    part.removeAttribute('aria-hidden');
  }
  for (const [name, value] of Object.entries({ color: cssColour(INK), 'font-family': FONT }))
    drawn.setAttribute(name, value);
  drawn.removeAttribute('class');
  const text = typeof XMLSerializer === 'undefined' ? drawn.outerHTML : new XMLSerializer().serializeToString(drawn);
  return { width, height, svg: text };
}

/** A label as the plotting library may have it, which escapes markup itself: one line, and nothing that SVG forbids. */
export function plainLabel(text: string): string {
  return wellFormed(showControls(text));
}

/** A piece moved to its place. */
export function placePiece(piece: Piece, x: number, y: number): string {
  return `<g${attributes({ transform: `translate(${x},${y})` })}>${piece.svg}</g>`;
}
