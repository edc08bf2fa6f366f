import { InputError } from '../../index.js';
import type { Scale } from '../scale.js';
import { BAR_WIDTH, colourBar } from '../scene/colour-bar.js';
import { type Mark, type Scene, textWidth, wrapText } from '../scene/scene.js';
import type { Raster } from './raster.js';

/** One little picture of a figure. */
export interface Panel {
  /** Printed above it. */
  readonly title: string;
  /** Printed below the title. */
  readonly note?: string;
  /** Its pixels. */
  readonly raster: Raster;
  /** The scale of its colours; null for a picture that is no map. */
  readonly scale: Scale | null;
}

/** Panels in rows, and what is printed around them. */
export interface PanelTable {
  /** Every row has the same number of columns; null leaves a place empty. */
  readonly rows: readonly (readonly (Panel | null)[])[];
  /** Printed left of each row. */
  readonly rowLabels?: readonly string[];
  /** Printed above everything. */
  readonly caption: string;
  /** Printed below the caption. */
  readonly note?: string;
  /** Longer side of a panel, in CSS pixels. */
  readonly side: number;
  /** What a reader who cannot see it should know. */
  readonly alt: string;
}

const MARGIN = 16;
const GAP = 14;
const TITLE = 13;
const CAPTION = 14;
const BAR_GAP = 6;

/**
 * Lays panels out under a caption. Maps that share one scale share a colour bar: all of them below everything, those of a
 * row below the row; else each has its own.
 */
export function layoutPanels({ rows, rowLabels = [], caption, note = '', side, alt }: PanelTable): Scene {
  if (!(side > 0 && Number.isFinite(side))) {
    throw new InputError(`The side of a panel must be a number of pixels above 0, received ${side}.`);
  }
  const columns = Math.max(1, ...rows.map((row) => row.length));
  const labelWidth = Math.min(160, Math.max(0, ...rowLabels.map((label) => textWidth(label, TITLE) + GAP)));
  const across = columns * (side + GAP) - GAP;
  const width = Math.max(2 * MARGIN + labelWidth + across, 2 * MARGIN + BAR_WIDTH);
  const heading = textLines(wrapText(caption, CAPTION, width - 2 * MARGIN), MARGIN, MARGIN, CAPTION, true);
  const below = MARGIN + heading.length * lineOf(CAPTION);
  const notes = textLines(wrapText(note, TITLE, width - 2 * MARGIN), MARGIN, below, TITLE);
  const shared = sharedScale(rows.flat());
  const place = { left: MARGIN + labelWidth, labelWidth, side, across, bars: shared === null };
  let y = below + notes.length * lineOf(TITLE) + GAP / 2;
  const marks = rows.flatMap((row, index) => {
    const laid = layoutRow(row, rowLabels[index] ?? '', y, place);
    y += laid.height + GAP;
    return laid.marks;
  });
  const bar = shared ? centredBar(shared, y, MARGIN, width - 2 * MARGIN) : NOTHING;
  return { width, height: y + bar.height + MARGIN / 2, marks: [...heading, ...notes, ...marks, ...bar.marks], alt };
}

interface Laid {
  readonly height: number;
  readonly marks: readonly Mark[];
}

const NOTHING: Laid = { height: 0, marks: [] };

/** What a row needs to know of the table. */
interface RowPlace {
  readonly left: number;
  readonly labelWidth: number;
  readonly side: number;
  readonly across: number;
  /** Whether the row brings its colour bars. */
  readonly bars: boolean;
}

function layoutRow(row: readonly (Panel | null)[], label: string, top: number, place: RowPlace): Laid {
  const { left, labelWidth, side } = place;
  const titles = row.map((panel) => (panel ? titleLines(panel, side) : []));
  const y = top + Math.max(...titles.map((lines) => lines.length)) * lineOf(TITLE);
  const height = Math.max(1, ...row.map((panel) => (panel ? sizeOf(panel.raster, side).height : 1)));
  const x = (column: number) => left + column * (side + GAP);
  const words = wrapText(label, TITLE, labelWidth - GAP).slice(0, 4);
  const bars = place.bars ? rowBars(row, y + height + BAR_GAP, x, place) : NOTHING;
  const marks = [
    ...textLines(words, MARGIN, y + (height - lineOf(TITLE) * words.length) / 2, TITLE),
    ...titles.flatMap((lines, column) => textLines(lines, x(column), y - lines.length * lineOf(TITLE), TITLE)),
    ...row.flatMap((panel, column) => (panel ? [placed(panel.raster, x(column), y, side)] : [])),
    ...bars.marks,
  ];
  return { height: y - top + height + (bars.height > 0 ? BAR_GAP + bars.height : 0), marks };
}

function titleLines({ title, note = '' }: Panel, side: number): string[] {
  return [...wrapText(title, TITLE, side).slice(0, 3), ...wrapText(note, TITLE, side).slice(0, 3)];
}

/** One bar for the row where its maps share a scale, else one below each. */
function rowBars(row: readonly (Panel | null)[], y: number, x: (column: number) => number, place: RowPlace): Laid {
  const shared = sharedScale(row);
  if (shared && place.across >= BAR_WIDTH) return centredBar(shared, y, place.left, place.across);
  const bars = row.flatMap((panel, column) => (panel?.scale ? [colourBar(panel.scale, x(column), y, place.side)] : []));
  return { height: Math.max(0, ...bars.map((bar) => bar.height)), marks: bars.flatMap((bar) => bar.marks) };
}

function centredBar(scale: Scale, y: number, left: number, room: number): Laid {
  const width = Math.min(room, Math.max(BAR_WIDTH, 0.6 * room));
  return colourBar(scale, left + (room - width) / 2, y, width);
}

/** The one scale of all maps; null when there are several or none. */
function sharedScale(panels: readonly (Panel | null)[]): Scale | null {
  const scales = new Set(panels.flatMap((panel) => panel?.scale ?? []));
  const [only] = scales;
  return scales.size === 1 && only ? only : null;
}

function lineOf(size: number): number {
  return Math.round(1.35 * size);
}

function textLines(lines: readonly string[], x: number, top: number, size: number, bold = false): Mark[] {
  return lines.map((text, index) => {
    return { kind: 'text', text, x, y: top + lineOf(size) * index + size, size, bold };
  });
}

/** Largest size that keeps the picture's proportions, but no thinner than a line one can see. */
function sizeOf({ width, height }: Raster, side: number) {
  const factor = side / Math.max(width, height);
  return { width: Math.max(4, width * factor), height: Math.max(4, height * factor) };
}

function placed(raster: Raster, x: number, y: number, side: number): Mark {
  return { kind: 'image', x, y, ...sizeOf(raster, side), raster };
}
