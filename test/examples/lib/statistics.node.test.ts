import { expect, test } from 'vitest';
import { correlation, mean } from '../../../examples/lib/statistics.js';
import { percent, shareOn, uniformShare } from '../../../examples/lib/truth.js';

test('correlation, worked by hand: deviations (-1, 0, 1) and (-1, -1, 2), so 3 / sqrt(2 * 6)', () => {
  expect(correlation([1, 2, 3], [2, 2, 5])).toBeCloseTo(3 / Math.sqrt(12), 12);
  expect(correlation([1, 2, 3], [-2, -4, -6])).toBeCloseTo(-1, 12);
  expect(correlation([1, 2], [3, 3])).toBeNaN();
  expect(() => correlation([1], [1, 2])).toThrow('got 1 and 2');
});

test('mean', () => {
  expect(mean([1, 2, 6])).toBe(3);
  expect(mean([])).toBeNaN();
});

test('the share on true positions counts sizes: (2 + 1) of (2 + 5 + 1)', () => {
  expect(shareOn([-2, 5, 1], [true, false, true])).toBe(3 / 8);
  expect(uniformShare([true, false, true, false])).toBe(0.5);
  expect(shareOn([0, 0], [true, false])).toBeNaN();
  expect(() => shareOn([1, 2], [true])).toThrow('2 values, but 1 truths');
  expect(percent(0.125)).toBe('12.5 %');
});
