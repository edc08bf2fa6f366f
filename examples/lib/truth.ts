// How much of an explanation falls where the truth is known to be.
import { mean } from './statistics.js';

/** Share of the sizes of the values that lies on true positions, from 0 to 1; NaN when all values are zero. */
export function shareOn(values: readonly number[], truth: readonly boolean[]): number {
  if (values.length !== truth.length) throw new Error(`${values.length} values, but ${truth.length} truths.`);
  const sizes = values.map(Math.abs);
  const sum = (list: readonly number[]) => list.reduce((total, size) => total + size, 0);
  return sum(sizes.filter((_, index) => truth[index])) / sum(sizes);
}

/** What {@link shareOn} gives for values that are the same everywhere. */
export function uniformShare(truth: readonly boolean[]): number {
  return mean(truth.map(Number));
}

/** A share as it is printed. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
