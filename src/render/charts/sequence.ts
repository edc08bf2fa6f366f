import type { Drawing } from '../scene/figure.js';
import type { ChartOptions } from './chart.js';
import type { Matrix } from './features.js';
import { seriesChart } from './series.js';
import { timeFeatureHeatmap } from './time-feature.js';

/** Options of {@link sequenceChart}. */
export interface SequenceOptions extends ChartOptions {
  /** What went into the model, of the shape of the relevance: the lines. */
  readonly values?: Matrix;
  /** Names of the channels. Default their numbers. */
  readonly names?: readonly string[];
}

/** Series of more channels than this become a heatmap. */
const MOST_LINES = 8;
/** Lists of more numbers than this are taken for a series when they have no names. */
const MOST_FEATURES = 32;

/** Whether a sample is drawn over time: vectors in a row, or one long list whose numbers have no names of their own. */
export function isSequence(shape: readonly number[], named: boolean): boolean {
  return shape.length === 2 || (shape.length === 1 && !named && (shape[0] ?? 0) > MOST_FEATURES);
}

/**
 * The chart that suits a sequence: {@link seriesChart} of few channels whose values are known, else
 * {@link timeFeatureHeatmap}.
 *
 * @param relevance `[time, channels]`.
 * @throws InputError when values are of another shape, or names are missing.
 * @throws NumericsError when the relevance is not finite.
 */
export function sequenceChart(relevance: Matrix, options: SequenceOptions = {}): Promise<Drawing> {
  const { values, names, ...rest } = options;
  const channels = 'rank' in relevance ? (relevance.shape[1] ?? 1) : (relevance[0]?.length ?? 0);
  if (values && channels <= MOST_LINES) {
    return seriesChart(values, relevance, { ...rest, ...(names ? { channels: names } : {}) });
  }
  return timeFeatureHeatmap(relevance, { ...rest, ...(names ? { features: names } : {}) });
}
