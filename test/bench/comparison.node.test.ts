import { describe, expect, test } from 'vitest';
import { compared, tableOfComparison } from '../../bench/comparison.js';

const rows = (first: number, second: number) => [
  { network: 'VGG16', rules: 'epsilon', ratioCpu: first },
  { network: 'TCN', rules: 'epsilon', ratioCpu: second },
];

describe('comparison of two revisions', () => {
  test('takes medians over turns, row by row, whatever the order of the rows', () => {
    const comparisons = compared([
      { before: rows(2, 4), after: rows(2.2, 4) },
      { before: rows(4, 4), after: rows(5, 2).reverse() },
      { before: rows(3, 4), after: rows(3.9, 4.2) },
    ]);
    // Pairs: 1.1, 1.25, 1.3 and 1, 0.5, 1.05.
    expect(comparisons).toEqual([
      { row: 'VGG16 epsilon', before: 3, after: 3.9, ratio: 1.25 },
      { row: 'TCN epsilon', before: 4, after: 4, ratio: 1 },
    ]);
    const [, , dearer, same] = tableOfComparison(comparisons).split('\n');
    expect(dearer).toMatch(/^VGG16 epsilon +3\.00 +3\.90 +1\.250 +above$/);
    expect(same).toMatch(/^TCN epsilon +4\.00 +4\.00 +1\.000$/);
  });

  test('needs rows, and the same on both sides', () => {
    expect(() => compared([{ before: [], after: [] }])).toThrow('no rows to compare');
    expect(() => compared([{ before: rows(1, 1), after: rows(1, 1).slice(0, 1) }])).toThrow('"TCN epsilon"');
  });
});
