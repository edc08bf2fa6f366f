import { describe, expect, test, vi } from 'vitest';
import { inTurns, median, medianTime, ratio } from '../../bench/time.js';

describe('median', () => {
  test('is the middle of an odd number of values, whatever their order', () => {
    expect(median([30, 1, 2])).toBe(2);
  });

  test('is the mean of the middle two of an even number', () => {
    expect(median([10, 1, 4, 2])).toBe(3);
  });

  test('leaves the values as they are, and is NaN of none', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
    expect(median([])).toBeNaN();
  });
});

test('times and ratios are those of the clock asked for; ratios are taken pair by pair', () => {
  const times = [
    { cpu: 10, wall: 20 },
    { cpu: 40, wall: 90 },
    { cpu: 12, wall: 24 },
  ];
  const units = [
    { cpu: 5, wall: 10 },
    { cpu: 10, wall: 10 },
    { cpu: 4, wall: 6 },
  ];
  expect(medianTime(times, 'cpu')).toBe(12);
  expect(medianTime(times, 'wall')).toBe(24);
  // 2, 4, 3, where the ratio of the medians is 12 / 5.
  expect(ratio(times, units, 'cpu')).toBe(3);
  // 2, 9, 4
  expect(ratio(times, units, 'wall')).toBe(4);
});

describe('turns', () => {
  test('all work takes part in every turn; the first turn is not timed', () => {
    const calls: string[] = [];
    const works = [() => calls.push('a'), () => calls.push('b')];
    const times = inTurns(works, { runs: 2, settle: 0, atLeast: 0 });
    expect(calls.join('')).toBe('ababab');
    expect(times.map((list) => list.length)).toEqual([2, 2]);
  });

  test('go on until the time has passed', () => {
    let clock = 0;
    const now = vi.spyOn(performance, 'now').mockImplementation(() => clock);
    let calls = 0;
    const work = () => {
      calls += 1;
      clock += 5;
    };
    const [times = []] = inTurns([work], { runs: 1, settle: 0.01, atLeast: 0.05 });
    now.mockRestore();
    // 10 ms that are not timed, then 50 ms.
    expect(calls).toBe(2 + 10);
    expect(times.map(({ wall }) => wall)).toEqual(Array.from({ length: 10 }, () => 5));
  });
});
