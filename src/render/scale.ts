import { InputError, NumericsError } from '../index.js';
import { type ColourMap, type ColourMapName, type Rgb, readColours } from './colour-map.js';
import { formatNumber, formatShare } from './number.js';

/**
 * Where the colours end: at the largest size of a value (`max`), at a quantile of the sizes, so that a few extreme values
 * saturate and the rest shows, or at a number of your own (`limit`), so that pictures made at different times compare.
 */
export type ScaleChoice =
  | 'max'
  | {
      /** Share of the values whose size is at most that of the ends, above 0 and up to 1. */
      readonly quantile: number;
    }
  | {
      /** Size of a value at the ends, above 0. */
      readonly limit: number;
    };

/** How numbers become colours. */
export interface ScaleOptions {
  /** Where the colours end. The default differs from picture to picture and is said there. */
  readonly scale?: ScaleChoice;
  /** Default: `blue-red` for signed numbers, `cividis` for sizes. */
  readonly colours?: ColourMapName | ColourMap;
  /** What the numbers are, printed at the colour bar. */
  readonly unit?: string;
}

/** A scale as it was chosen; zero is always at the centre of a diverging map and at the beginning of a sequential one. */
export interface Scale {
  /** The colours. */
  readonly colours: ColourMap;
  /** The size of a value at which the colours end. */
  readonly limit: number;
  /** What the numbers are. */
  readonly unit: string;
  /** How the end was chosen, in words. */
  readonly chosen: string;
  /** Whether some values lie below the lower and above the upper end. */
  readonly beyond: {
    /** Some are below. */
    readonly low: boolean;
    /** Some are above. */
    readonly high: boolean;
  };
}

/**
 * The scale for some lists of numbers together; all pictures that are to be compared take one scale.
 *
 * @throws InputError for a quantile outside 0 to 1 or a limit that is not above zero.
 * @throws NumericsError when a number is NaN or infinite.
 */
export function scaleOf(lists: readonly ArrayLike<number>[], options: ScaleOptions = {}): Scale {
  const { scale: choice = 'max', unit = 'relevance' } = options;
  const range = rangeOf(lists);
  const colours = readColours(options.colours ?? (range.low < 0 ? 'blue-red' : 'cividis'));
  const { limit, chosen } = chooseLimit(lists, range, choice);
  const lowest = colours.kind === 'diverging' ? -limit : 0;
  return { colours, limit, unit, chosen, beyond: { low: range.low < lowest, high: range.high > limit } };
}

/** The colour of a value. */
export function colourOf({ colours, limit }: Pick<Scale, 'colours' | 'limit'>, value: number): Rgb {
  return colours.colour(limit > 0 ? value / limit : 0);
}

/** The lower end of a scale: what its limit is below zero, or zero. */
export function lowEnd({ colours, limit }: Pick<Scale, 'colours' | 'limit'>): number {
  return colours.kind === 'diverging' ? -limit : 0;
}

/** The ends of a scale in words: `−0.2 to 0.2`, with `≤` and `≥` where values lie beyond. */
export function endLabels(scale: Scale): readonly [low: string, high: string] {
  const low = `${scale.beyond.low ? '≤ ' : ''}${formatNumber(lowEnd(scale) + 0)}`;
  return [low, `${scale.beyond.high ? '≥ ' : ''}${formatNumber(scale.limit)}`];
}

interface Range {
  readonly low: number;
  readonly high: number;
  readonly count: number;
}

function rangeOf(lists: readonly ArrayLike<number>[]): Range {
  let [low, high, count] = [0, 0, 0];
  for (const list of lists) {
    for (let index = 0; index < list.length; index++) {
      const value = list[index] ?? 0;
      if (!Number.isFinite(value)) throw notFinite(value, index);
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    count += list.length;
  }
  return { low, high, count };
}

function notFinite(value: number, index: number): NumericsError {
  return new NumericsError(
    `The number at position ${index} is ${value}, which has no place on a colour scale. Finite numbers expected. ` +
      'await explanation.conservation() names the step where such numbers first appear.',
  );
}

function chooseLimit(lists: readonly ArrayLike<number>[], { low, high }: Range, choice: ScaleChoice) {
  const largest = Math.max(-low, high);
  if (choice === 'max') return { limit: largest, chosen: 'ends at the largest value' };
  if ('limit' in choice) {
    if (!(choice.limit > 0 && Number.isFinite(choice.limit))) {
      throw new InputError(`The limit of a scale must be a finite number above 0, received ${choice.limit}.`);
    }
    return { limit: choice.limit, chosen: 'fixed ends' };
  }
  const { quantile } = choice;
  if (!(quantile > 0 && quantile <= 1)) {
    throw new InputError(`The quantile of a scale must lie above 0 and up to 1, received ${quantile}. Try 0.99.`);
  }
  const limit = quantileOfSizes(lists, quantile);
  // Nearly everywhere zero: the quantile is too, and the few values that are not would all look the same.
  if (limit === 0) return { limit: largest, chosen: 'ends at the largest value' };
  return { limit, chosen: `ends at the ${formatShare(quantile)} quantile` };
}

function quantileOfSizes(lists: readonly ArrayLike<number>[], quantile: number): number {
  const sizes = Float64Array.from(lists.flatMap((list) => Array.from(list, Math.abs))).sort();
  return sizes[Math.max(0, Math.ceil(quantile * sizes.length) - 1)] ?? 0;
}
