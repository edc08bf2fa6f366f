import { randomLcg } from 'd3-random';
import { expect, test } from 'vitest';
import { samples } from '../../../examples/shapes/batch.js';
import { side } from '../../../examples/shapes/generate.js';
import { labels, outlines } from '../../../examples/shapes/outlines.js';

test('the same seed draws the same samples', () => {
  expect(samples(3, randomLcg(0.5))).toEqual(samples(3, randomLcg(0.5)));
  expect(samples(1, randomLcg(0.5))).not.toEqual(samples(1, randomLcg(0.6)));
});

test('every class turns up, and every mask holds one shape well inside the picture', () => {
  const drawn = samples(100, randomLcg(0.5));
  expect(new Set(drawn.map(({ label }) => label)).size).toBe(labels.length);
  for (const { mask, pixels } of drawn) {
    expect(pixels.length).toBe(3 * side * side);
    const area = mask.filter((byte) => byte === 255).length;
    expect(area).toBeGreaterThan(0.02 * mask.length);
    expect(area).toBeLessThan(0.4 * mask.length);
    expect(mask.subarray(0, side).every((byte) => byte === 0)).toBe(true);
  }
});

test.each(labels)('%s: negative at its centre, positive beyond its radius', (name) => {
  const outline = outlines[name];
  expect(outline?.(0, 0)).toBeLessThan(0);
  expect(outline?.(1.2, 0.9)).toBeGreaterThan(0);
});
