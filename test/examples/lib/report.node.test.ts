import { expect, test } from 'vitest';
import { massReport, strongest } from '../../../examples/lib/report.js';

test('strongest outputs', () => {
  expect(strongest([0.1, 0.7, 0.2], (unit) => 'abc'[unit] ?? '', 2)).toMatchInlineSnapshot(`
    "  0.7000  b (1)
      0.2000  c (2)"
  `);
});

test('relevance against its baselines', () => {
  const relevance = { width: 2, height: 2, values: Float32Array.of(3, -1, 0, 1) };
  const mask = { width: 2, height: 2, values: Float32Array.of(255, 0, 0, 0) };
  const picture = { width: 2, height: 2, channels: 1, data: Uint8Array.of(0, 50, 0, 50) } as const;
  expect(massReport(relevance, picture, mask)).toMatchInlineSnapshot(`
    "   75.0 %  relevance
       25.0 %  edge filter
       25.0 %  uniform (area of the mask)"
  `);
});
