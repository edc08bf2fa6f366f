import type { Tensor } from '@tensorflow/tfjs-core';

/** Index of an element of one sample's output: `[unit]` for vectors, `[row, column, channel]` for maps. */
export type UnitIndex = readonly number[];

/** One unit, set against others. Make it with {@link contrast}. */
export interface Contrast {
  /** Tells it from other targets. */
  readonly kind: 'contrast';
  /** The unit that is explained. */
  readonly unit: number;
  /** The unit it is set against; absent: the mean of all others. */
  readonly against?: number;
}

/**
 * Which units of one output are explained:
 *
 * - a number: that unit, for every sample (of a vector, or of a map with one position);
 * - numbers: for a vector output one unit per sample; for a map the index tuple of one element;
 * - tuples: one element per sample;
 * - a tensor: weights or a mask over the output, of its shape with or without the batch;
 * - `contrast(a, b)` or `contrast(a)`: one unit against another, or against the mean of the rest;
 * - a function of the output tensor that answers such weights (it runs in a tidy);
 * - `'all'`: every unit, each with its own score.
 */
export type UnitTarget =
  | number
  | readonly number[]
  | readonly UnitIndex[]
  | Tensor
  | Contrast
  | 'all'
  | ((output: Tensor) => Tensor);

/** A unit target at a named output, or at the output of an inner layer, or at one channel of it. */
export interface PlacedTarget {
  /** Name or position of the model output. */
  readonly output?: string | number;
  /** Layer name or address: explanation starts at its output instead of the model's. */
  readonly layer?: string;
  /** Which units; default: each sample's strongest. */
  readonly unit?: UnitTarget;
  /**
   * One channel (last axis) at all positions, or where a mask given as `unit` is: of the output's shape, or of its positions
   * alone, `[rows, columns]`.
   */
  readonly channel?: number;
}

/** What is explained. Omitted: each sample's strongest unit of the only output. */
export type Target = UnitTarget | PlacedTarget;

/**
 * The relevance the explained units start with: their own score (default), one, or the caller's tensor of the output's
 * shape, which then also says which units are meant.
 */
export type StartValue = 'score' | 'one' | Tensor;

/** One unit against another, or against the mean of all others: what speaks for `unit` and not for the rest. */
export function contrast(unit: number, against?: number): Contrast {
  return against === undefined ? { kind: 'contrast', unit } : { kind: 'contrast', unit, against };
}
