import { describe, expect, test } from 'vitest';
import { type ColourMapName, colourMap, cssColour, type Rgb, textColour } from '../../src/render/index.js';

const DIVERGING: readonly ColourMapName[] = ['blue-red', 'purple-orange', 'purple-green', 'brown-teal'];
const SEQUENTIAL: readonly ColourMapName[] = ['cividis', 'viridis', 'inferno', 'reds', 'greys'];

/** Relative luminance after WCAG 2, written out. */
function brightness([red, green, blue]: Rgb): number {
  const linear = (byte: number) => (byte / 255 <= 0.04045 ? byte / 255 / 12.92 : ((byte / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** What an eye without red-sensitive cones makes of a colour: the two axes that remain (Viénot, Brettel, Mollon 1999). */
function protanope([red, green, blue]: Rgb): readonly [number, number] {
  const linear = (byte: number) => (byte / 255) ** 2.2;
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  return [0.11238 * r + 0.88762 * g, 0.00401 * r - 0.00401 * g + b];
}

describe('diverging maps', () => {
  test.each(DIVERGING)('%s has a pale neutral colour exactly at zero', (name) => {
    const map = colourMap(name);
    const zero = map.colour(0);
    expect(Math.max(...zero) - Math.min(...zero)).toBeLessThan(10);
    expect(brightness(zero)).toBeGreaterThan(0.85);
    expect(map.colour(-0)).toEqual(zero);
    expect(map.colour(1e-9)).toEqual(zero);
  });

  test.each(DIVERGING)('%s gets darker to both sides, about equally', (name) => {
    const map = colourMap(name);
    for (const sign of [-1, 1]) {
      const light = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => brightness(map.colour(sign * share)));
      expect(light).toEqual([...light].sort((a, b) => b - a));
    }
    const [below, above] = [brightness(map.colour(-1)), brightness(map.colour(1))];
    expect(Math.abs(below - above)).toBeLessThan(0.1);
  });

  test('the default is blue below zero and red above', () => {
    const map = colourMap('blue-red');
    const [red, , blue] = map.colour(0.7);
    expect(red).toBeGreaterThan(blue + 80);
    const below = map.colour(-0.7);
    expect(below[2]).toBeGreaterThan(below[0] + 80);
  });

  test.each(DIVERGING)('%s is told apart without red-sensitive cones', (name) => {
    const map = colourMap(name);
    const [[, below], [, above]] = [protanope(map.colour(-0.6)), protanope(map.colour(0.6))];
    expect(Math.abs(below - above)).toBeGreaterThan(0.1);
  });
});

test.each(SEQUENTIAL)('%s changes its brightness in one direction only', (name) => {
  const map = colourMap(name);
  const light = Array.from({ length: 11 }, (_, step) => brightness(map.colour(step / 10)));
  const sorted = [...light].sort((a, b) => a - b);
  expect(light).toEqual(light[0] === sorted[0] ? sorted : sorted.reverse());
});

test('shares beyond the ends get the colour of the end', () => {
  for (const name of [...DIVERGING, ...SEQUENTIAL]) {
    const map = colourMap(name);
    expect(map.colour(7)).toEqual(map.colour(1));
    expect(map.colour(-7)).toEqual(map.colour(map.kind === 'diverging' ? -1 : 0));
  }
});

test('an unknown name is an error that lists the known ones', () => {
  // What a call from JavaScript may hand over.
  const wrong = 'rainbow' as ColourMapName;
  expect(() => colourMap(wrong)).toThrowErrorMatchingInlineSnapshot(
    `[MatchError: There is no colour map "rainbow". Known: blue-red, purple-orange, purple-green, brown-teal, cividis, viridis, inferno, reds, greys.]`,
  );
});

test('text on any background has a contrast of 4.5 at least', () => {
  for (let red = 0; red < 256; red += 17) {
    for (let green = 0; green < 256; green += 17) {
      for (let blue = 0; blue < 256; blue += 51) {
        const background = brightness([red, green, blue]);
        const ink = textColour([red, green, blue]) === '#ffffff' ? 1 : 0;
        const contrast = (Math.max(ink, background) + 0.05) / (Math.min(ink, background) + 0.05);
        expect(contrast).toBeGreaterThan(4.5);
      }
    }
  }
});

test('colours as CSS', () => {
  expect(cssColour([0, 15, 255])).toBe('#000fff');
});
