import type { Tensor } from '@tensorflow/tfjs-core';
import { type Explanation, InputError } from '../../index.js';
import { type Scale, scaleOf } from '../scale.js';
import { type Figure, figureOf } from '../scene/figure.js';
import { describePlane, imageScale, type MapOptions, pooledWords, readPictureLike, summedValues } from './heatmap.js';
import { layoutPanels, type Panel } from './layout.js';
import type { PictureSource } from './picture.js';
import { type ImageAxes, type Plane, pickSample, readPlanes } from './plane.js';
import { overlayPlane, paintPlane, type Raster } from './raster.js';
import { shownWords } from './shown.js';

/** One place of a grid. */
export interface GridCell {
  /** Printed above it. */
  readonly label: string;
  /** A tensor of one picture or a batch, or a map that has been read already. */
  readonly relevance: Tensor | Plane;
  /** Which sample of the batch. Default 0. */
  readonly sample?: number;
  /** What the axes of the tensor are, where cells differ. Default that of the grid. */
  readonly axes?: ImageAxes;
  /** The picture: the map is then laid over it. */
  readonly picture?: PictureSource;
  /** What the numbers are, as `unitOf` says it; printed with the scale where all cells that share it have the same. */
  readonly unit?: string;
  /** What was explained: the cell then says how much of its score the map shows, where that is not nearly all. */
  readonly target?: Explanation['target'];
}

/** Options of {@link heatmapGrid}. */
export interface GridOptions extends MapOptions {
  /** Cells per row. Default: as square as can be. */
  readonly columns?: number;
  /** Printed left of each row. */
  readonly rowLabels?: readonly string[];
  /** Which cells take one scale together, so that their colours compare. Default `all`. */
  readonly share?: 'all' | 'row' | 'column' | 'none';
}

/**
 * Many heatmaps under one another and side by side: samples, classes, layers, rules. Cells in one call share their scale
 * unless `share` says otherwise: relevance of different layers of one explanation adds up to the same score, that of
 * other samples, classes or rules need not.
 *
 * @param places The cells, or the promise of them that {@link perSample} answers.
 * @throws InputError when there are no cells.
 */
export async function heatmapGrid(
  places: readonly GridCell[] | Promise<readonly GridCell[]>,
  options: GridOptions = {},
): Promise<Figure> {
  const cells = await places;
  if (cells.length === 0) throw new InputError('A grid needs at least one cell, received none.');
  const { side = 160, caption = 'Relevance', rowLabels = [] } = options;
  const columns = Math.min(cells.length, options.columns ?? Math.ceil(Math.sqrt(cells.length)));
  if (!(Number.isInteger(columns) && columns > 0)) {
    throw new InputError(`The number of columns must be an integer above 0, received ${options.columns}.`);
  }
  const read = await Promise.all(cells.map((cell) => readCell(cell, options)));
  const scaled = withScales(read, columns, options);
  const panels = scaled.map(({ label, plane, below, scale, note }): Panel => {
    const raster = below ? overlayPlane(below, plane, scale, options) : paintPlane(plane, scale);
    return { title: label, note: note ?? '', raster, scale };
  });
  const told = scaled.map(({ label, plane, scale, note }) => {
    return `${label}: ${describePlane(plane, scale)}${note === null ? '' : ` It ${note}.`}`;
  });
  const alt = `${caption}. ${told.join(' ')}`;
  return figureOf(layoutPanels({ rows: chunks(panels, columns), rowLabels, caption, side, alt }));
}

interface ReadCell {
  readonly label: string;
  readonly plane: Plane;
  readonly below: Raster | null;
  readonly unit: string | undefined;
  readonly note: string | null;
}

async function readCell(
  { label, relevance, sample = 0, picture, axes, unit, target }: GridCell,
  options: GridOptions,
): Promise<ReadCell> {
  const order = axes ?? options.axes;
  const reading = order === undefined ? options : { ...options, axes: order };
  const plane = 'values' in relevance ? relevance : pickSample(await readPlanes(relevance, reading), sample);
  const rank = 'values' in relevance ? undefined : relevance.rank;
  const below = picture ? await readPictureLike(picture, rank, order, { ...options, sample }) : null;
  const summed = 'values' in relevance ? plane.values : await summedValues(relevance, plane, reading, sample);
  const note = target ? await shownWords(target, sample, summed) : null;
  return { label, plane, below, unit, note };
}

/** Every cell with its scale; cells that share one get the same object. */
function withScales(cells: readonly ReadCell[], columns: number, options: GridOptions) {
  const groups = new Map<number, ReadCell[]>();
  const group = (index: number) => groupOf(index, columns, options.share ?? 'all');
  for (const [index, cell] of cells.entries()) {
    groups.set(group(index), [...(groups.get(group(index)) ?? []), cell]);
  }
  const scales = new Map([...groups].map(([key, members]) => [key, sharedScale(members, options)]));
  return cells.flatMap((cell, index) => {
    const scale: Scale | undefined = scales.get(group(index));
    return scale ? [{ ...cell, scale }] : [];
  });
}

function sharedScale(cells: readonly ReadCell[], options: GridOptions): Scale {
  const [unit, ...others] = new Set(cells.map((cell) => cell.unit));
  const common = unit === undefined || others.length > 0 ? {} : { unit: `${unit}${pooledWords(options.pool)}` };
  const values = cells.map(({ plane }) => plane.values);
  return scaleOf(values, { ...common, ...imageScale(options) });
}

function groupOf(index: number, columns: number, share: 'all' | 'row' | 'column' | 'none'): number {
  switch (share) {
    case 'row':
      return Math.floor(index / columns);
    case 'column':
      return index % columns;
    case 'none':
      return index;
    case 'all':
      return 0;
  }
}

function chunks<T>(list: readonly T[], size: number): (T | null)[][] {
  const rows = Array.from({ length: Math.ceil(list.length / size) }, (_, row) =>
    list.slice(row * size, (row + 1) * size),
  );
  return rows.map((row) => [...row, ...Array.from({ length: size - row.length }, () => null)]);
}
