import { InputError, NumericsError } from '../../index.js';
import { type ColourMap, cssColour, readColours } from '../colour-map.js';
import { formatNumber, formatSigned } from '../number.js';
import type { Drawing } from '../scene/figure.js';
import { fitText, textWidth } from '../scene/scene.js';
import { CHART_WIDTH, type ChartOptions, chartOf } from './chart.js';
import { describeFeatures, type Feature, labelOf, strongest } from './features.js';
import { drawPlot, plainLabel } from './plot.js';

/** Options of {@link topBars}. */
export interface BarOptions extends ChartOptions {
  /** How many are shown; all others make one bar. Default 10. */
  readonly top?: number;
}

/** Options of {@link waterfall}. */
export interface WaterfallOptions extends BarOptions {
  /** The explained score, where the last step has to end. */
  readonly score: number;
  /** What was absorbed on the way, see {@link absorbedOf}. Default: one step for all that features do not account for. */
  readonly absorbed?: readonly Feature[];
}

/** One bar from one number to another. */
interface Bar {
  readonly key: string;
  readonly label: string;
  /** The label as it fits beside the axis. */
  readonly short: string;
  readonly from: number;
  readonly to: number;
  readonly text: string;
  readonly colour: string;
}

const ROW = 24;
/** How thick a bar is; the rest of its row lies between the bars. */
const THICK = 16;
const SIZE = 12;
const LABELS = 220;
/** Numbers of the axis need this much room. */
const TICK = 80;

/**
 * The strongest features as bars from zero, strongest first, blue below zero and red above.
 *
 * @throws InputError when there is no feature, or `top` is no integer above zero.
 * @throws NumericsError when a relevance is not finite.
 */
export async function topBars(features: readonly Feature[], options: BarOptions = {}): Promise<Drawing> {
  const shown = strongest(checked(features), options.top ?? 10);
  const colours = readColours('blue-red');
  const bars = shown.map((feature, index) => barOf(index, feature, 0, feature.relevance, colours));
  const alt = `Bars of ${options.unit ?? 'relevance'}, strongest first. ${describeFeatures(shown)}.`;
  return chartOf([await drawBars(bars, options)], options.caption, alt);
}

/**
 * From zero to the explained score, one step for each feature, strongest first, then what was absorbed on the way: biases,
 * stabilizers and the like. The steps end at the score, or the chart would not be honest about what is missing.
 *
 * @throws InputError when there is no feature, or `top` is no integer above zero.
 * @throws NumericsError when a number is not finite.
 */
export async function waterfall(features: readonly Feature[], options: WaterfallOptions): Promise<Drawing> {
  const { score } = options;
  const shown = strongest(checked(features), options.top ?? 10);
  const small = 1e-4 * Math.max(Math.abs(score), ...shown.map((one) => Math.abs(one.relevance)));
  // Rounding and the like would be steps that nobody can see.
  const named = checked(options.absorbed ?? [], true).filter(({ relevance }) => Math.abs(relevance) > small);
  const sum = [...shown, ...named].reduce((total, one) => total + one.relevance, 0);
  const missing = score - sum;
  const rest = options.absorbed ? 'unaccounted for' : 'absorbed on the way';
  const steps = [...shown, ...named, ...(Math.abs(missing) > small ? [{ name: rest, relevance: missing }] : [])];
  const colours = readColours('blue-red');
  let level = 0;
  const bars = steps.map((step, index) => {
    const from = level;
    level += step.relevance;
    return barOf(index, step, from, level, colours);
  });
  const total = {
    ...barOf(bars.length, { name: 'score', relevance: score }, 0, score, colours),
    text: formatSigned(score),
    colour: '#555555',
  };
  const alt = `Steps from zero to the score of ${formatSigned(score)}, in ${options.unit ?? 'relevance'}. ${describeFeatures(steps)}.`;
  return chartOf([await drawBars([...bars, total], options, joints(bars, total))], options.caption, alt);
}

/** A line from the end of one bar to the next one, which begins there. */
interface Joint {
  readonly from: string;
  readonly to: string;
  readonly at: number;
}

function joints(bars: readonly Bar[], total: Bar): Joint[] {
  return bars.map(({ key, to }, index) => ({ from: key, to: (bars[index + 1] ?? total).key, at: to }));
}

function checked(features: readonly Feature[], mayBeEmpty = false): readonly Feature[] {
  if (features.length === 0 && !mayBeEmpty) throw new InputError('A chart needs at least one feature, received none.');
  const broken = features.find(({ relevance }) => !Number.isFinite(relevance));
  if (!broken) return features;
  throw new NumericsError(`The relevance of "${broken.name}" is ${broken.relevance}; a chart needs finite numbers.`);
}

function barOf(index: number, feature: Feature, from: number, to: number, colours: ColourMap): Bar {
  const colour = cssColour(colours.colour(to < from ? -0.75 : 0.75));
  const label = plainLabel(labelOf(feature));
  const short = plainLabel(
    labelOf(feature, (name, taken) => fitText(name, SIZE, LABELS - textWidth('x'.repeat(taken), SIZE))),
  );
  // Two features may have one name: the axis goes by place, not by name.
  return {
    key: String(index),
    label,
    short: fitText(short, SIZE, LABELS),
    from,
    to,
    text: formatSigned(to - from),
    colour,
  };
}

async function drawBars(
  bars: readonly Bar[],
  { width = CHART_WIDTH, unit = 'relevance' }: ChartOptions,
  lines: readonly Joint[] = [],
) {
  const labels = new Map(bars.map((bar) => [bar.key, bar.short]));
  const marginLeft = Math.min(LABELS, Math.max(...[...labels.values()].map((label) => textWidth(label, SIZE)))) + 16;
  const [low, high] = [Math.min(0, ...bars.flatMap(ends)), Math.max(0, ...bars.flatMap(ends))];
  // Numbers stand beyond the end of their bar.
  const room = (0.16 * (high - low) * CHART_WIDTH) / width;
  const negative = bars.filter((bar) => bar.to < bar.from);
  const positive = bars.filter((bar) => bar.to >= bar.from);
  return drawPlot(width, bars.length * ROW + 56, (plot) => {
    const number = { x: 'to', y: 'key', text: 'text', fill: '#202020', stroke: '#ffffff', strokeWidth: 4 } as const;
    return {
      marginLeft,
      marginRight: 12,
      marginTop: 6,
      marginBottom: 42,
      style: { fontSize: `${SIZE}px` },
      x: {
        // Where all is zero, zero stands in the middle.
        domain:
          high > low ? [low - (negative.length > 0 ? room : 0), high + (positive.length > 0 ? room : 0)] : [-1, 1],
        ticks: high > low ? Math.max(2, Math.floor((width - marginLeft) / TICK)) : [0],
        tickFormat: formatNumber,
        label: plainLabel(unit),
        labelArrow: 'none',
        labelAnchor: 'center',
        nice: false,
        grid: true,
      },
      y: {
        domain: bars.map((bar) => bar.key),
        tickFormat: (key: string) => labels.get(key) ?? '',
        label: null,
        tickSize: 0,
        padding: 1 - THICK / ROW,
        round: false,
      },
      marks: [
        plot.ruleX(lines, { x: 'at', y1: 'from', y2: 'to', insetTop: THICK, insetBottom: THICK, stroke: '#777777' }),
        plot.barX(bars, {
          x1: 'from',
          x2: 'to',
          y: 'key',
          fill: 'colour',
          title: (bar: Bar) => `${bar.label}: ${bar.text}`,
        }),
        plot.ruleX([0]),
        plot.text(negative, { ...number, textAnchor: 'end', dx: -4 }),
        plot.text(positive, { ...number, textAnchor: 'start', dx: 4 }),
      ],
    };
  });
}

function ends({ from, to }: Bar): readonly [number, number] {
  return [from, to];
}
