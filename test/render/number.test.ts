import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatNumber, formatShare, formatSigned } from '../../src/render/number.js';

test.each([
  [0, '0'],
  [-0, '0'],
  [1.23456, '1.23'],
  [-0.0701234, '−0.0701'],
  [12345, '12345'],
  [1234.5, '1235'],
  [0.000012345, '1.23e−5'],
  [1234567, '1.23e6'],
  [Number.NaN, 'not a number'],
  [Number.POSITIVE_INFINITY, '∞'],
])('%s is written %s', (value, text) => expect(formatNumber(value)).toBe(text));

test('signs and shares', () => {
  expect([formatSigned(0.5), formatSigned(-0.5), formatSigned(0)]).toEqual(['+0.5', '−0.5', '0']);
  expect([formatShare(0.123), formatShare(1), formatShare(0.0001), formatShare(0)]).toEqual([
    '12.3 %',
    '100 %',
    '<0.1 %',
    '0 %',
  ]);
});

test('what is written is the number to three digits', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), (value) => {
      const read = Number(formatNumber(value).replaceAll('−', '-'));
      expect(Math.abs(read - value)).toBeLessThanOrEqual(0.0051 * Math.abs(value));
    }),
  );
});
