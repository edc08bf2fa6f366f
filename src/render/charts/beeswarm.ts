import { InputError, NumericsError } from '../../index.js';
import { type ColourMap, type ColourMapName, cssColour, readColours } from '../colour-map.js';
import { formatNumber, formatSigned } from '../number.js';
import { rampBar } from '../scene/colour-bar.js';
import type { Drawing } from '../scene/figure.js';
import { fitText, textWidth } from '../scene/scene.js';
import { CHART_WIDTH, type ChartOptions, chartOf, type Legend } from './chart.js';
import { type Matrix, readMatrix } from './features.js';
import { drawPlot, plainLabel } from './plot.js';

/** Options of {@link beeswarm}. */
export interface BeeswarmOptions extends ChartOptions {
  /** Names of the features. Default `feature 0`, `feature 1` ... */
  readonly names?: readonly string[];
  /** Values of the features, `[samples, features]`: dots are then coloured from low to high, each feature by its own range. */
  readonly values?: Matrix;
  /** How many features are shown, those of the largest mean size. Default 10. */
  readonly top?: number;
  /** Colours of the values. Default `viridis`. */
  readonly colours?: ColourMapName;
}

interface Dot {
  readonly feature: string;
  readonly relevance: number;
  /** Above or below the middle of its row, from -1/2 to 1/2. */
  readonly offset: number;
  readonly colour: string;
  readonly title: string;
}

const SIZE = 12;
const LABELS = 180;
const ROW = 48;
const RADIUS = 2.5;
const RIGHT = 16;

/**
 * One dot for each sample and feature: how much a feature earns, and how that goes with its value. Features with the largest
 * mean size of relevance stand at the top.
 *
 * @param relevance `[samples, features]`.
 * @throws InputError when there are no samples, the shapes differ, or names are missing.
 * @throws NumericsError when a relevance is not finite.
 */
export async function beeswarm(relevance: Matrix, options: BeeswarmOptions = {}): Promise<Drawing> {
  const rows = await readMatrix(relevance);
  const values = options.values && (await readMatrix(options.values));
  const count = rows[0]?.length ?? 0;
  check(rows, count, values, options);
  const colours = readColours(options.colours ?? 'viridis');
  const order = strongestColumns(rows, count).slice(0, options.top ?? 10);
  const names = order.map((column) => options.names?.[column] ?? `feature ${column}`);
  const labels = names.map((name) => fitText(plainLabel(name), SIZE, LABELS));
  const { width = CHART_WIDTH, unit = 'relevance', caption } = options;
  const marginLeft = Math.max(...labels.map((label) => textWidth(label, SIZE))) + 16;
  const [low, high] = rangeOf([0, ...order.flatMap((column) => rows.map((row) => row[column] ?? 0))]);
  // Where all is zero, zero stands in the middle.
  const domain = high > low ? [low, high] : [-1, 1];
  const pixels = (width - marginLeft - RIGHT) / (high - low || 2);
  const dots = order.flatMap((column, index) => dotsOf(rows, values, column, String(index), colours, pixels));
  const piece = await drawPlot(width, order.length * ROW + 50, (plot) => ({
    marginLeft,
    marginRight: RIGHT,
    marginTop: 6,
    marginBottom: 42,
    style: { fontSize: `${SIZE}px` },
    x: {
      domain,
      ...(high > low ? {} : { ticks: [0] }),
      label: plainLabel(unit),
      labelAnchor: 'center',
      labelArrow: 'none',
      tickFormat: formatNumber,
      grid: true,
      inset: 8,
    },
    y: { domain: [-0.5, 0.5], axis: null },
    fy: { domain: order.map((_, index) => String(index)), axis: null, padding: 0.05 },
    marks: [
      plot.ruleX([0]),
      plot.dot(dots, { fy: 'feature', x: 'relevance', y: 'offset', fill: 'colour', r: RADIUS, title: 'title' }),
      plot.text(labels, {
        fy: (_: string, index: number) => String(index),
        text: (label: string) => label,
        frameAnchor: 'left',
        textAnchor: 'end',
        dx: -10,
      }),
    ],
  }));
  const legend: Legend = (x, y, wide) => rampBar(colours, ['lowest value of the feature', 'highest'], x, y, wide);
  return chartOf([piece], caption, describe(rows, order, names, unit), values ? legend : undefined);
}

function check(
  rows: readonly number[][],
  count: number,
  values: number[][] | undefined,
  options: BeeswarmOptions,
): void {
  const { names, top = 10 } = options;
  if (count === 0) throw new InputError('A beeswarm needs at least one sample and one feature, received none.');
  if (!(Number.isInteger(top) && top > 0)) throw new InputError(`top must be an integer above 0, received ${top}.`);
  if (names && names.length !== count) {
    throw new InputError(
      `The relevance has ${count} features, received ${names.length} names. Give one name for each.`,
    );
  }
  if (values && (values.length !== rows.length || values[0]?.length !== count)) {
    const shape = `[${values.length}, ${values[0]?.length ?? 0}]`;
    throw new InputError(`Values of shape ${shape} do not fit relevance of shape [${rows.length}, ${count}].`);
  }
  if (!rows.flat().every(Number.isFinite)) {
    throw new NumericsError(
      'Some relevance is not finite. await explanation.conservation() names the step where that begins.',
    );
  }
}

/** Columns by their mean size, largest first. */
function strongestColumns(rows: readonly number[][], count: number): number[] {
  const sizes = meanSizes(rows, count);
  return sizes.map((_, column) => column).sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0));
}

function meanSizes(rows: readonly number[][], count: number): number[] {
  return Array.from({ length: count }, (_, column) => {
    return rows.reduce((sum, row) => sum + Math.abs(row[column] ?? 0), 0) / rows.length;
  });
}

function dotsOf(
  rows: readonly number[][],
  values: readonly number[][] | undefined,
  column: number,
  feature: string,
  colours: ColourMap,
  pixels: number,
): Dot[] {
  const own = values?.map((row) => row[column] ?? Number.NaN) ?? [];
  const [low, high] = rangeOf(own.filter(Number.isFinite));
  const offsets = swarmOffsets(
    rows.map((row) => pixels * (row[column] ?? 0)),
    ROW,
  );
  return rows.map((row, sample) => {
    const [relevance, value] = [row[column] ?? 0, own[sample]];
    const share = value === undefined || !(high > low) ? 0.5 : (value - low) / (high - low);
    const told = value === undefined ? '' : `, value ${formatNumber(value)}`;
    const title = `sample ${sample}: ${formatSigned(relevance)}${told}`;
    // A value that is missing is grey, which no map of values has.
    const colour = Number.isFinite(value ?? 0) ? cssColour(colours.colour(share)) : '#999999';
    return { feature, relevance, offset: offsets[sample] ?? 0, colour: values ? colour : '#2166ac', title };
  });
}

function rangeOf(list: readonly number[]): [low: number, high: number] {
  return [list.reduce((a, b) => Math.min(a, b), Infinity), list.reduce((a, b) => Math.max(a, b), -Infinity)];
}

/**
 * Where dots of nearly the same relevance stand in their row, from -1/2 to 1/2: one above and one below in turn, as far apart
 * as they are wide, or closer where there are too many of them. Plot's own `dodgeY` keeps them apart whatever the room, so that a
 * feature which earns nothing for most samples would fill its neighbours' rows; and its time grows with the third power of such
 * samples.
 */
export function swarmOffsets(places: readonly number[], width: number): number[] {
  const columns = new Map<number, number[]>();
  for (const [index, place] of places.entries()) {
    const column = Math.round(place / (2 * RADIUS));
    columns.set(column, [...(columns.get(column) ?? []), index]);
  }
  const offsets = places.map(() => 0);
  const most = [...columns.values()].reduce((count, list) => Math.max(count, list.length), 1);
  const step = Math.min((2 * RADIUS) / width, 0.92 / most);
  for (const list of columns.values()) {
    for (const [turn, index] of list.entries()) offsets[index] = step * (turn % 2 === 0 ? -turn / 2 : (turn + 1) / 2);
  }
  return offsets;
}

function describe(rows: readonly number[][], order: readonly number[], names: readonly string[], unit: string): string {
  const sizes = meanSizes(rows, rows[0]?.length ?? 0);
  const told = order.map((column, index) => {
    const list = rows.map((row) => row[column] ?? 0);
    const range = rangeOf(list).map(formatSigned).join(' to ');
    return `${names[index]}: mean size ${formatNumber(sizes[column] ?? 0)}, from ${range}`;
  });
  return `Dots of ${unit} for ${rows.length} samples, by feature. ${told.join('; ')}.`;
}
