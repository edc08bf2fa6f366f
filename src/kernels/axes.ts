import { at } from './conv-geometry.js';

/** The largest divisor of a size that is at most `most`. */
export function largestDivisor(size: number, most: number): number {
  let divisor = Math.min(size, most);
  while (size % divisor !== 0) divisor--;
  return divisor;
}

/** Sizes before, on and behind an axis. */
export function around(shape: readonly number[], axis: number): { outer: number; length: number; inner: number } {
  const product = (sizes: readonly number[]) => sizes.reduce((all, size) => all * size, 1);
  return {
    outer: product(shape.slice(0, axis)),
    length: at(shape, axis),
    inner: product(shape.slice(axis + 1)),
  };
}

/** A shape with another size on one axis. */
export function withAxis(shape: readonly number[], axis: number, size: number): number[] {
  return shape.map((old, index) => (index === axis ? size : old));
}
