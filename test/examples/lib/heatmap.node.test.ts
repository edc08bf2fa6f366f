import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { signedColour } from '../../../examples/lib/colours.js';
import { drawFigure } from '../../../examples/lib/heatmap.js';
import type { Picture } from '../../../examples/lib/picture.js';
import { scaleLimit } from '../../../examples/lib/scale-limit.js';

describe('colours', () => {
  test('red above zero, blue below, pale at zero', () => {
    const [red, , lessBlue] = signedColour(1, 1);
    const [lessRed, , blue] = signedColour(-1, 1);
    expect(red).toBeGreaterThan(2 * lessBlue);
    expect(blue).toBeGreaterThan(2 * lessRed);
    expect(Math.min(...signedColour(0, 1))).toBeGreaterThan(230);
  });

  test('the two sides are equally far from zero', () => {
    expect(signedColour(0.5, 1)).toEqual(signedColour(1, 2));
    expect(signedColour(7, 1)).toEqual(signedColour(1, 1));
    expect(signedColour(0, 0)).toEqual(signedColour(0, 1));
  });
});

describe('scale limit', () => {
  test('is the quantile of the sizes', () => {
    const values = Float32Array.of(-8, 1, -2, 4);
    expect(scaleLimit(values)).toBe(8);
    expect(scaleLimit(values, 0.75)).toBe(4);
    expect(scaleLimit(values, 0.5)).toBe(2);
  });

  test('is the largest where the quantile is zero', () => {
    expect(scaleLimit(Float32Array.of(0, 0, 0, -3), 0.5)).toBe(3);
    expect(scaleLimit(new Float32Array(4))).toBe(0);
  });

  test('refuses what has no scale', () => {
    expect(() => scaleLimit(Float32Array.of(1, Number.NaN))).toThrow('not finite');
    expect(() => scaleLimit(Float32Array.of(1), 0)).toThrow('got 0');
  });
});

describe('figure', () => {
  const picture: Picture = { width: 2, height: 2, channels: 1, data: Uint8Array.of(0, 255, 100, 100) };
  const relevance = { width: 2, height: 2, values: Float32Array.of(-1, 0, 0.5, 1) };
  const caption = 'cat & <dog>';

  const draw = async (values = relevance.values): Promise<{ data: Buffer; width: number; height: number }> => {
    const png = await drawFigure({ picture, relevance: { ...relevance, values }, caption });
    const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
    return { data, width: info.width, height: info.height };
  };

  test('shows every pixel as a block of its colour', async () => {
    const { data, width } = await draw();
    expect(width).toBe(3 * 320 + 4 * 16);
    const colours = new Set(data.toString('hex').match(/.{6}/g));
    for (const value of relevance.values) {
      expect(colours).toContain(Buffer.from(signedColour(value, 1)).toString('hex'));
    }
  });

  test('holds text', async () => {
    const { data, width } = await draw();
    const dark = data.subarray(0, 3 * width * 40).filter((byte) => byte < 80).length;
    expect(dark).toBeGreaterThan(100);
  });

  test('a relevance of zeros is a pale figure', async () => {
    expect((await draw(new Float32Array(4))).width).toBe(1024);
  });

  test('refuses relevance of another size', async () => {
    const wide = { width: 4, height: 1, values: relevance.values };
    await expect(drawFigure({ picture, relevance: wide, caption })).rejects.toThrow(
      'Relevance of 2 x 2 expected, as the picture; got 4 x 1.',
    );
  });
});
