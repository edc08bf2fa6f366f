import { expect, test } from 'vitest';
import { fitsShape, formatShape, sizeOf } from '../../src/tensors/shape.js';

test('shapes print as TensorFlow.js prints them', () => {
  expect(formatShape([null, 28, 28, 1])).toBe('[null, 28, 28, 1]');
  expect(formatShape([])).toBe('[]');
});

test.each([
  [[2, 3], [null, 3], true],
  [[2, 3], [2, 3], true],
  [[2, 3], [null, 4], false],
  [[2, 3], [null], false],
  [[3], [null, 3], false],
  [[], [], true],
] as [number[], (number | null)[], boolean][])('%j where %j is asked for: %s', (shape, expected, fits) => {
  expect(fitsShape(shape, expected)).toBe(fits);
});

test('the size of a shape', () => {
  expect(sizeOf([2, 3, 4])).toBe(24);
  expect(sizeOf([])).toBe(1);
  expect(sizeOf([2, 0])).toBe(0);
});
