import { expect, test } from 'vitest';
import { edges } from '../../../examples/lib/edges.js';
import { areaShare, shareInside } from '../../../examples/lib/mass.js';
import type { Plane } from '../../../src/render/index.js';

const plane = (width: number, ...values: number[]): Plane => ({
  width,
  height: values.length / width,
  values: Float32Array.from(values),
});
const mask = plane(2, 255, 0, 0, 0);

test('share inside counts positive values only: 3 of 3 + 1', () => {
  expect(shareInside(plane(2, 3, -9, 1, 0), mask)).toBe(0.75);
});

test('the uniform map reaches the share of the area', () => {
  expect(areaShare(mask)).toBe(0.25);
  expect(shareInside(plane(2, 7, 7, 7, 7), mask)).toBe(0.25);
});

test('a map without positive values has no share', () => {
  expect(shareInside(plane(2, -1, 0, 0, -2), mask)).toBeNaN();
});

test('mask of another size', () => {
  expect(() => shareInside(plane(1, 1, 2), mask)).toThrow('Mask of 1 x 2 expected, got 2 x 2.');
});

test('Sobel on a vertical step of 10: (1 + 2 + 1) * 10 beside it, nothing elsewhere', () => {
  const row = [0, 0, 10, 10];
  expect([...edges(plane(4, ...row, ...row, ...row)).values.subarray(4, 8)]).toEqual([0, 40, 40, 0]);
});

test('Sobel on a bright corner pixel, worked by hand', () => {
  // Right of it the horizontal slope is (2 + 1) * (0 - 8) = -24 (the row above repeats), the vertical 1 * (0 - 8) = -8.
  const map = edges(plane(3, 8, 0, 0, 0, 0, 0, 0, 0, 0));
  expect(map.values[1]).toBeCloseTo(Math.hypot(24, 8), 4);
});
