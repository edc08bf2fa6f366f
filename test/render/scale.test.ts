import { describe, expect, test } from 'vitest';
import { InputError, NumericsError } from '../../src/index.js';
import { type ColourMap, colourMap, colourOf, scaleOf } from '../../src/render/index.js';
import { endLabels } from '../../src/render/scale.js';

describe('where the colours end', () => {
  const values = [-4, 1, 2, 3, 0, 0.5, -0.25, 0.125, 1.5, 2.5];

  test('max: at the largest size, on both sides', () => {
    const scale = scaleOf([values]);
    expect(scale.limit).toBe(4);
    expect(scale.colours.name).toBe('blue-red');
    expect(scale.beyond).toEqual({ low: false, high: false });
    expect(endLabels(scale)).toEqual(['−4', '4']);
  });

  test('quantile: sizes sorted are 0 .125 .25 .5 1 1.5 2 2.5 3 4, eight of ten reach 2.5', () => {
    const scale = scaleOf([values], { scale: { quantile: 0.8 } });
    expect(scale.limit).toBe(2.5);
    expect(scale.beyond).toEqual({ low: true, high: true });
    expect(endLabels(scale)).toEqual(['≤ −2.5', '≥ 2.5']);
    expect(scale.chosen).toBe('ends at the 80 % quantile');
  });

  test('fixed', () => {
    const scale = scaleOf([values], { scale: { limit: 3.5 } });
    expect(scale.limit).toBe(3.5);
    expect(scale.beyond).toEqual({ low: true, high: false });
  });

  test('shared by several lists', () => {
    expect(scaleOf([[1, 2], [-7], [3]]).limit).toBe(7);
  });

  test('a quantile that is zero falls back on the largest value, and says so', () => {
    const scale = scaleOf([[...new Array(99).fill(0), 5]], { scale: { quantile: 0.9 } });
    expect(scale.limit).toBe(5);
    expect(scale.chosen).toBe('ends at the largest value');
  });
});

describe('colours', () => {
  test('numbers without sign get a sequential map from zero', () => {
    const scale = scaleOf([[1, 4]]);
    expect(scale.colours.kind).toBe('sequential');
    expect(colourOf(scale, 0)).toEqual(colourMap('cividis').colour(0));
    expect(colourOf(scale, 4)).toEqual(colourMap('cividis').colour(1));
    expect(endLabels(scale)).toEqual(['0', '4']);
  });

  test('a sequential map for signed numbers says that some lie below', () => {
    expect(endLabels(scaleOf([[-1, 4]], { colours: 'reds' }))).toEqual(['≤ 0', '4']);
  });

  test('zero everywhere is the colour of zero', () => {
    const scale = scaleOf([[0, 0]], { colours: 'blue-red' });
    expect(colourOf(scale, 0)).toEqual(colourMap('blue-red').colour(0));
  });

  test('colours of your own', () => {
    const mine: ColourMap = { name: 'mine', kind: 'diverging', colour: () => [1, 2, 3] };
    expect(colourOf(scaleOf([[1]], { colours: mine }), -1)).toEqual([1, 2, 3]);
  });
});

describe('errors', () => {
  test.each([0, -1, 1.01, Number.NaN])('quantile %s', (quantile) => {
    expect(() => scaleOf([[1]], { scale: { quantile } })).toThrow(InputError);
  });

  test.each([0, -2, Number.NaN, Number.POSITIVE_INFINITY])('limit %s', (limit) => {
    expect(() => scaleOf([[1]], { scale: { limit } })).toThrow(InputError);
  });

  test('what is not finite has no colour', () => {
    expect(() => scaleOf([[1, Number.NaN]])).toThrow(NumericsError);
    expect(() => scaleOf([[Number.NEGATIVE_INFINITY]])).toThrowErrorMatchingInlineSnapshot(
      `[NumericsError: The number at position 0 is -Infinity, which has no place on a colour scale. Finite numbers expected. await explanation.conservation() names the step where such numbers first appear.]`,
    );
  });
});
