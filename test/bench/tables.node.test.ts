import { expect, test } from 'vitest';
import { rowsOfCurve, tableOfGrowth } from '../../bench/growth.js';
import type { Row } from '../../bench/row.js';
import { tableOf } from '../../bench/table.js';

const ROW: Row = {
  network: 'VGG16',
  backend: 'wasm',
  rules: 'epsilon',
  batch: 2,
  ratioCpu: 2.004,
  ratioWall: 2.1,
  ratioQuiet: 1.95,
  operations: 2,
  peakBytes: 3 * 2 ** 20,
  weightBytes: 2 ** 20,
  activationBytes: 2 ** 19,
  planOverPredict: 0.0123,
  firstCallOverPredict: 4.06,
  ledgerRatio: null,
  readOverPredict: null,
  predictMs: 1000,
  explainMs: 2004,
};

test('the table has a line per row, with ratios rounded and peaks in units of weights and activations', () => {
  const [, , first, second, ...rest] = tableOf([
    ROW,
    { ...ROW, rules: 'epsilon-plus', ledgerRatio: 1.05, readOverPredict: 0.125 },
  ]).split('\n');
  const cells = (line = '') => line.trim().split(/\s+/);
  const times = ['1000.0', '2004.0', '2.00', '2.10', '1.95', '2.00'];
  const others = ['0.012', '4.1', '3.0', '2.00'];
  expect(cells(first)).toEqual(['VGG16', 'wasm', 'epsilon', '2', ...times, ...others]);
  expect(cells(second)).toEqual(['VGG16', 'wasm', 'epsilon-plus', '2', ...times, '1.050', '0.125', ...others]);
  expect(rest).toEqual([]);
});

test('growth is told per unit and per unit more than before', () => {
  const points = [
    { size: 10, explainMs: 25, peakBytes: 2048 },
    { size: 30, explainMs: 65, peakBytes: 6144 },
  ];
  const rows = rowsOfCurve({ name: 'curve', unit: 'layer' }, points);
  // 25 / 10; (65 - 25) / (30 - 10): two milliseconds a layer, five whatever the depth.
  expect(rows.map((row) => [row.msPerUnit, row.msPerFurther])).toEqual([
    [2.5, null],
    [65 / 30, 2],
  ]);
  expect(rows.map((row) => row.bytesPerUnit)).toEqual([204.8, 204.8]);
  expect(tableOfGrowth(rows).split('\n').at(-1)).toMatch(/^curve +layer +30 +65\.0 +2\.167 +2\.000 +6 +0\.20$/);
});
