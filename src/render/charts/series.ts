import { InputError } from '../../index.js';
import { cssColour } from '../colour-map.js';
import { pngDataUrl } from '../image/png.js';
import { paintPlane } from '../image/raster.js';
import { formatNumber, formatSigned } from '../number.js';
import { colourOf, type Scale, type ScaleOptions, scaleOf } from '../scale.js';
import { colourBar } from '../scene/colour-bar.js';
import type { Drawing } from '../scene/figure.js';
import { fitText } from '../scene/scene.js';
import { CHART_WIDTH, type ChartOptions, chartOf } from './chart.js';
import { type Matrix, readMatrix } from './features.js';
import { drawPlot, type Piece, type Plotting, plainLabel } from './plot.js';
import { timeAxis } from './time-axis.js';

/** Options of {@link seriesChart}. */
export interface SeriesOptions extends ChartOptions, ScaleOptions {
  /** Names of the channels. Default `channel 0`, `channel 1` ... */
  readonly channels?: readonly string[];
  /** Name of the time axis. Default `time step`. */
  readonly time?: string;
  /** Relevance as the colour behind the line, or as bars below it. Default `colour`. */
  readonly show?: 'colour' | 'bars';
}

interface Point {
  readonly step: number;
  readonly value: number;
  readonly relevance: number;
}

const LEFT = 64;
const RIGHT = 12;
const TOP = 22;
const MOST_RECTANGLES = 600;
const BODY = 92;
const BARS = 62;
const AXIS = 42;

/**
 * A series channel by channel: the values as a line, and behind it the colour, or below it a bar, of what each time step
 * earned. All channels share one scale.
 *
 * @param values `[time, channels]`, or `[time]` of one channel.
 * @param relevance Of the same shape.
 * @throws InputError when the shapes differ or names are missing.
 * @throws NumericsError when the relevance is not finite.
 */
export async function seriesChart(values: Matrix, relevance: Matrix, options: SeriesOptions = {}): Promise<Drawing> {
  const [lines, earned] = [await readSeries(values), await readSeries(relevance)];
  const names = checkedNames(lines, earned, options.channels);
  const { show = 'colour', caption, unit = 'relevance' } = options;
  const scale = scaleOf(earned, { colours: 'blue-red', ...options, unit });
  const pieces: Piece[] = [];
  for (const [channel, name] of names.entries()) {
    const points = (lines[channel] ?? []).map((value, step): Point => {
      return { step, value, relevance: earned[channel]?.[step] ?? 0 };
    });
    const last = channel === names.length - 1;
    pieces.push(await drawLine(points, plainLabel(name), scale, last && show === 'colour', options));
    if (show === 'bars') pieces.push(await drawSteps(points, scale, last, options));
  }
  const alt = `Series of ${lines[0]?.length ?? 0} steps with ${unit}. ${names.map((name, channel) => describeChannel(name, earned[channel] ?? [])).join(' ')}`;
  return chartOf(pieces, caption, alt, show === 'colour' ? (x, y, wide) => colourBar(scale, x, y, wide) : undefined);
}

/** One list per channel. */
async function readSeries(matrix: Matrix): Promise<number[][]> {
  const vector = 'rank' in matrix && matrix.rank === 1;
  const rows = await readMatrix(matrix);
  if (vector) return rows;
  return (rows[0] ?? []).map((_, channel) => rows.map((row) => row[channel] ?? 0));
}

function checkedNames(lines: readonly number[][], earned: readonly number[][], names?: readonly string[]): string[] {
  const sizes = (list: readonly number[][]) => `[${list[0]?.length ?? 0} steps, ${list.length} channels]`;
  if (lines.length === 0 || sizes(lines) !== sizes(earned)) {
    throw new InputError(
      `Values ${sizes(lines)} and relevance ${sizes(earned)} must have the same shape, and at least one channel.`,
    );
  }
  if (names && names.length !== lines.length) {
    throw new InputError(
      `The series has ${lines.length} channels, received ${names.length} names. Give one name for each.`,
    );
  }
  return lines.map((_, channel) => names?.[channel] ?? `channel ${channel}`);
}

function describeChannel(name: string, relevance: readonly number[]): string {
  const total = relevance.reduce((sum, value) => sum + value, 0);
  const best = relevance.reduce(
    (most, value, step) => (Math.abs(value) > Math.abs(relevance[most] ?? 0) ? step : most),
    0,
  );
  return `${name}: ${formatSigned(total)} in all, strongest ${formatSigned(relevance[best] ?? 0)} at step ${best}.`;
}

/** The frame that all panels of a series share, so that their time axes stand under one another. */
function frame(
  count: number,
  axis: boolean,
  { time = 'time step', width = CHART_WIDTH }: SeriesOptions,
  height: number,
) {
  return {
    size: [width, height + (axis ? AXIS : 8)] as const,
    options: {
      marginLeft: LEFT,
      marginRight: RIGHT,
      marginBottom: axis ? AXIS : 8,
      style: { fontSize: '12px' },
      // The last panel alone shows it.
      x: { ...timeAxis(count, time, width - LEFT - RIGHT), axis: axis ? ('bottom' as const) : null },
    },
  };
}

function drawLine(
  points: readonly Point[],
  name: string,
  scale: Scale,
  axis: boolean,
  options: SeriesOptions,
): Promise<Piece> {
  const { size, options: shared } = frame(points.length, axis, options, BODY);
  const [low, high] = rangeOf(points);
  const margin = 0.06 * (high - low) || 1;
  const coloured = options.show !== 'bars';
  return drawPlot(...size, (plot) => ({
    ...shared,
    marginTop: TOP,
    y: { domain: [low - margin, high + margin], ticks: 3, label: null, tickFormat: formatNumber },
    marks: [
      coloured ? bandOf(plot, points, scale, [low - margin, high + margin], size) : null,
      // Seen on the darkest band, too.
      plot.lineY(points, { x: 'step', y: 'value', stroke: '#ffffff', strokeOpacity: 0.7, strokeWidth: 4 }),
      plot.lineY(points, { x: 'step', y: 'value', stroke: '#202020', strokeWidth: 1.5 }),
      plot.text([fitText(name, 12, 400)], { frameAnchor: 'top-left', dy: -16, fontWeight: 'bold' }),
      plot.frame({ stroke: '#cccccc' }),
    ],
  }));
}

/** Smallest and largest value; a gap in the series has none. */
function rangeOf(points: readonly Point[]): readonly [low: number, high: number] {
  const values = points.map((point) => point.value).filter(Number.isFinite);
  const [first] = values;
  if (first === undefined) return [0, 1];
  return [values.reduce((a, b) => Math.min(a, b), first), values.reduce((a, b) => Math.max(a, b), first)];
}

/** One rectangle for each step, which says its numbers on hover; of long series a picture, or they would take ages. */
function bandOf(
  plot: Plotting,
  points: readonly Point[],
  scale: Scale,
  [low, high]: readonly [number, number],
  [width]: readonly [number, number],
) {
  if (points.length > MOST_RECTANGLES) {
    const values = Float32Array.from(points, (point) => point.relevance);
    return plot.image([0], {
      src: () => pngDataUrl(paintPlane({ width: points.length, height: 1, values }, scale)),
      x: (points.length - 1) / 2,
      y: (low + high) / 2,
      width: width - LEFT - RIGHT,
      height: BODY - TOP,
      preserveAspectRatio: 'none',
      imageRendering: 'pixelated',
    });
  }
  return plot.rectX(points, {
    x1: (point: Point) => point.step - 0.5,
    x2: (point: Point) => point.step + 0.5,
    y1: low,
    y2: high,
    fill: (point: Point) => cssColour(colourOf(scale, point.relevance)),
    title: titleOf,
    shapeRendering: 'crispEdges',
  });
}

function drawSteps(points: readonly Point[], scale: Scale, axis: boolean, options: SeriesOptions): Promise<Piece> {
  const { size, options: shared } = frame(points.length, axis, options, BARS);
  const { limit } = scale;
  return drawPlot(...size, (plot) => ({
    ...shared,
    marginTop: 10,
    y: {
      domain: [-(limit || 1), limit || 1],
      ticks: [-limit, 0, limit],
      label: null,
      tickFormat: formatNumber,
      clamp: true,
    },
    marks: [
      plot.rectY(points, {
        x1: (point: Point) => point.step - 0.45,
        x2: (point: Point) => point.step + 0.45,
        y: 'relevance',
        fill: (point: Point) => cssColour(scale.colours.colour(point.relevance < 0 ? -0.75 : 0.75)),
        title: titleOf,
      }),
      plot.ruleY([0]),
      plot.text([plainLabel(options.unit ?? 'relevance')], {
        frameAnchor: 'top-right',
        dx: -4,
        dy: 2,
        fill: '#202020',
      }),
      plot.frame({ stroke: '#cccccc' }),
    ],
  }));
}

function titleOf({ step, value, relevance }: Point): string {
  return `step ${step}: value ${formatNumber(value)}, relevance ${formatSigned(relevance)}`;
}
