import { InputError } from '../../index.js';
import type { Plane } from '../image/plane.js';
import { pngDataUrl } from '../image/png.js';
import { paintPlane } from '../image/raster.js';
import { formatNumber, formatSigned } from '../number.js';
import { type ScaleOptions, scaleOf } from '../scale.js';
import { colourBar } from '../scene/colour-bar.js';
import type { Drawing } from '../scene/figure.js';
import { fitText, textWidth } from '../scene/scene.js';
import { CHART_WIDTH, type ChartOptions, chartOf } from './chart.js';
import { type Matrix, readMatrix } from './features.js';
import { drawPlot, plainLabel } from './plot.js';
import { timeAxis } from './time-axis.js';

/** Options of {@link timeFeatureHeatmap}. */
export interface TimeFeatureOptions extends ChartOptions, ScaleOptions {
  /** Names of the features, from top to bottom. Default their numbers. */
  readonly features?: readonly string[];
  /** Name of the time axis. Default `time step`. */
  readonly time?: string;
}

const SIZE = 12;
const LABELS = 160;
/** Names closer than this would stand on top of each other. */
const LINE = 15;

/**
 * Relevance over time, across, and features, down.
 *
 * @param relevance `[time, features]`.
 * @throws InputError when there are no numbers, or more or fewer names than features.
 * @throws NumericsError when the relevance is not finite.
 */
export async function timeFeatureHeatmap(relevance: Matrix, options: TimeFeatureOptions = {}): Promise<Drawing> {
  const { features, time = 'time step', width = CHART_WIDTH, unit = 'relevance', caption } = options;
  const rows = await readMatrix(relevance);
  const [steps, count] = [rows.length, rows[0]?.length ?? 0];
  if (steps * count === 0)
    throw new InputError('A heatmap needs at least one time step and one feature, received none.');
  if (features && features.length !== count) {
    throw new InputError(
      `The relevance has ${count} features, received ${features.length} names. Give one name for each.`,
    );
  }
  const values = Float32Array.from(
    { length: steps * count },
    (_, at) => rows[at % steps]?.[Math.floor(at / steps)] ?? 0,
  );
  const plane: Plane = { width: steps, height: count, values };
  const scale = scaleOf([values], { colours: 'blue-red', ...options, unit });
  const names = features?.map((name) => fitText(plainLabel(name), SIZE, LABELS)) ?? [];
  const marginLeft = Math.max(36, ...names.map((name) => textWidth(name, SIZE))) + 10;
  const body = Math.min(480, Math.max(60, count * (count > 30 ? 4 : 22)));
  const step = Math.ceil((count * LINE) / body);
  const labels = Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
  const piece = await drawPlot(width, body + 52, (plot) => ({
    marginLeft,
    marginRight: 12,
    marginTop: 8,
    marginBottom: 44,
    style: { fontSize: `${SIZE}px` },
    x: timeAxis(steps, time, width - marginLeft - 12),
    y: {
      domain: [count - 0.5, -0.5],
      ticks: labels,
      tickFormat: (index: number) => names[index] ?? formatNumber(index),
      label: null,
      tickSize: 0,
    },
    marks: [
      plot.image([0], {
        src: () => pngDataUrl(paintPlane(plane, scale)),
        x: (steps - 1) / 2,
        y: (count - 1) / 2,
        width: width - marginLeft - 12,
        height: body,
        preserveAspectRatio: 'none',
        imageRendering: 'pixelated',
      }),
      plot.frame({ stroke: '#cccccc' }),
    ],
  }));
  return chartOf([piece], caption, describe(plane, features, unit), (x, y, wide) => colourBar(scale, x, y, wide));
}

function describe({ width, height, values }: Plane, names: readonly string[] | undefined, unit: string): string {
  const best = values.reduce((most, value, at) => (Math.abs(value) > Math.abs(values[most] ?? 0) ? at : most), 0);
  const feature = Math.floor(best / width);
  const where = `step ${best % width} of ${names?.[feature] ?? `feature ${feature}`}`;
  return `Heatmap of ${unit}, ${width} time steps by ${height} features. Strongest ${formatSigned(values[best] ?? 0)} at ${where}.`;
}
