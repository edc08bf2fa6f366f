import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { explain, InputError, MatchError, NumericsError, zero } from '../../src/index.js';
import { swarmOffsets } from '../../src/render/charts/beeswarm.js';
import { strongest } from '../../src/render/charts/features.js';
import {
  absorbedOf,
  beeswarm,
  type Feature,
  featureRelevance,
  seriesChart,
  timeFeatureHeatmap,
  topBars,
  waterfall,
} from '../../src/render/index.js';

const features: readonly Feature[] = [
  { name: 'age', relevance: 1, value: 42 },
  { name: 'income', relevance: -4 },
  { name: '<script>hit()</script> "x" & y', relevance: 2 },
  { name: 'age', relevance: 0.5 },
];

/** Attributes of every element of a name that has a title, by that title. */
function titled(svg: string, element: string): Map<string, Record<string, string>> {
  const found = new Map<string, Record<string, string>>();
  for (const [, attributes = '', title = ''] of svg.matchAll(
    new RegExp(`<${element}([^>]*)><title>([^<]*)</title>`, 'g'),
  )) {
    found.set(title, attributesOf(attributes));
  }
  return found;
}

/** Attributes by name; their order differs between browsers and Node. */
function attributesOf(tag: string): Record<string, string> {
  return Object.fromEntries(
    [...tag.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name ?? '', value ?? '']),
  );
}

const textsOf = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text ?? '');

/** Every tag is closed, and every angle bracket and quote belongs to a tag. */
function expectWellFormed(svg: string) {
  const open: string[] = [];
  const rest = svg.replace(
    /<(\/?)([a-zA-Z]+)((?: [\w:-]+="[^"<]*")*) ?(\/?)>/g,
    (_, close: string, name: string, _list, own: string) => {
      if (close) expect(open.pop()).toBe(name);
      else if (!own) open.push(name);
      return '';
    },
  );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]/);
  expect(svg).not.toMatch(/<(script|img|foreignObject|style|link)/i);
}

describe('bars', () => {
  test('are as long as their numbers, strongest first', async () => {
    const { svg, alt } = await topBars(features);
    expectWellFormed(svg);
    const bars = titled(svg, 'rect');
    const width = (title: string) => Number(bars.get(title)?.width);
    const [age, income] = [width('age = 42: +1'), width('income: −4')];
    expect(income / age).toBeCloseTo(4, 6);
    expect(width('age: +0.5') / age).toBeCloseTo(0.5, 6);
    expect(Number(bars.get('income: −4')?.y)).toBeLessThan(Number(bars.get('age = 42: +1')?.y));
    expect(alt).toContain('Bars of relevance, strongest first. income: −4;');
  });

  test('blue below zero, red above', async () => {
    const bars = titled((await topBars(features)).svg, 'rect');
    expect(bars.get('income: −4')?.fill).toMatch(/^#[0-4].....$/);
    expect(bars.get('age = 42: +1')?.fill).toMatch(/^#[a-d].....$/);
  });

  test('what is left out stands together in one bar, so that the total stays', async () => {
    expect(strongest(features, 2).map(({ name, relevance }) => [name, relevance])).toEqual([
      ['income', -4],
      ['<script>hit()</script> "x" & y', 2],
      ['2 others', 1.5],
    ]);
    expect(textsOf((await topBars(features, { top: 2 })).svg)).toContain('2 others');
  });

  test('what is no chart', async () => {
    await expect(topBars([])).rejects.toThrow(InputError);
    await expect(topBars(features, { top: 0 })).rejects.toThrow(InputError);
    await expect(topBars([{ name: 'a', relevance: Number.NaN }])).rejects.toThrow(NumericsError);
  });
});

describe('waterfall', () => {
  /** Left and right end of the bar with a title. */
  const ends = (svg: string, title: string) => {
    const bar = titled(svg, 'rect').get(title);
    return [Number(bar?.x), Number(bar?.x) + Number(bar?.width)] as const;
  };

  test('each step begins where the one before it ends, and the last ends at the score', async () => {
    const { svg } = await waterfall(features, { score: 1 });
    expectWellFormed(svg);
    const [incomeLeft, zero] = ends(svg, 'income: −4');
    const [secondLeft, secondRight] = ends(svg, '&lt;script&gt;hit()&lt;/script&gt; "x" &amp; y: +2');
    expect(secondLeft).toBeCloseTo(incomeLeft, 6);
    const [ageLeft, ageRight] = ends(svg, 'age = 42: +1');
    expect(ageLeft).toBeCloseTo(secondRight, 6);
    const unit = ageRight - ageLeft;
    // -4 + 2 + 1 + 0.5 = -0.5; 1.5 more reach the score of 1.
    const [, end] = ends(svg, 'absorbed on the way: +1.5');
    expect(end - zero).toBeCloseTo(unit, 6);
    expect(ends(svg, 'score: +1')[1]).toBeCloseTo(end, 6);
  });

  test('a line leads from the end of each step to the next one, and from the last to the score', async () => {
    const { svg } = await waterfall(features, { score: 1 });
    const [, lines = ''] = /<g[^>]*stroke="#777777"[^>]*>(.*?)<\/g>/.exec(svg) ?? [];
    const joints = [...lines.matchAll(/<line[^>]*>/g)].map(([line]) => {
      const { x1, y1, y2 } = attributesOf(line);
      return [x1, y1, y2].map(Number);
    });
    const bars = [...titled(svg, 'rect').values()].map(({ x, y, width, height }) => {
      return { left: Number(x), right: Number(x) + Number(width), top: Number(y), bottom: Number(y) + Number(height) };
    });
    expect(joints).toHaveLength(bars.length - 1);
    for (const [index, [x = 0, top, bottom]] of joints.entries()) {
      const [above, below] = [bars[index], bars[index + 1]];
      expect(top).toBeCloseTo(above?.bottom ?? Number.NaN, 6);
      expect(bottom).toBeCloseTo(below?.top ?? Number.NaN, 6);
      for (const bar of [above, below]) {
        const gap = Math.min(Math.abs(x - (bar?.left ?? Number.NaN)), Math.abs(x - (bar?.right ?? Number.NaN)));
        expect(gap).toBeLessThan(1e-6);
      }
    }
    expect((await topBars(features)).svg).not.toContain('stroke="#777777"');
  });

  test('what was absorbed gets a step only where one can see it', async () => {
    const absorbed = [
      { name: 'biases', relevance: 1.5 },
      { name: 'rounding', relevance: -5e-8 },
    ];
    const { alt } = await waterfall(features, { score: 1, absorbed });
    expect(alt).toContain('biases: +1.5');
    expect(alt).not.toMatch(/rounding|unaccounted/);
  });

  test('nothing is added where the features account for the score', async () => {
    expect((await waterfall(features, { score: -0.5 })).alt).not.toContain('absorbed');
  });

  test('the ledger says what was absorbed: score 4 = 2 + 6 - 4', async () => {
    const dense = layers.dense({ units: 2, inputShape: [2] });
    const model = sequential({ layers: [dense] });
    dense.setWeights([
      tf.tensor2d([
        [1, 2],
        [3, 0],
      ]),
      tf.tensor1d([-4, 2]),
    ]);
    const input = tf.tensor2d([
      [2, 2],
      [1, 1],
    ]);
    const explanation = explain(model, input, zero(), { target: 0 });
    const before = tf.memory().numTensors;
    const ledger = await explanation.conservation();
    expect(absorbedOf(ledger)).toEqual([{ name: 'biases', relevance: -4 }]);
    const list = await featureRelevance(explanation, { names: ['a', 'b'], values: input });
    expect(list).toEqual([
      { name: 'a', relevance: 2, value: 2 },
      { name: 'b', relevance: 6, value: 2 },
    ]);
    const { alt } = await waterfall(list, { score: 4, absorbed: absorbedOf(ledger) });
    expect(alt).toBe('Steps from zero to the score of +4, in relevance. b = 2: +6; a = 2: +2; biases: −4.');
    await expect(featureRelevance(explanation, { names: ['a'] })).rejects.toThrow(InputError);
    await expect(featureRelevance(explanation, { sample: 2 })).rejects.toThrow(MatchError);
    expect(tf.memory().numTensors).toBe(before);
    explanation.dispose();
    input.dispose();
    model.dispose();
  });
});

describe('series', () => {
  const values = [
    [0, 10],
    [1, 20],
    [2, 15],
    [1, 5],
  ];
  const relevance = [
    [0, 1],
    [-2, 0],
    [0, 0.5],
    [0.25, 0],
  ];

  test('colours of the steps are those of the scale, and all channels share it', async () => {
    const { svg, alt } = await seriesChart(values, relevance, { channels: ['x', 'y <z>'] });
    expectWellFormed(svg);
    const bands = titled(svg, 'rect');
    expect(bands.size).toBe(8);
    expect(bands.get('step 1: value 1, relevance −2')?.fill).toBe('#053061');
    expect(bands.get('step 0: value 0, relevance 0')?.fill).toBe('#f2efee');
    expect(bands.get('step 0: value 10, relevance +1')?.fill).toMatch(/^#[c-e]/);
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['x', 'y &lt;z&gt;', '−2', '2', 'time step']));
    expect(alt).toContain('x: −1.75 in all, strongest −2 at step 1. y <z>: +1.5 in all, strongest +1 at step 0.');
  });

  test('as bars they are as high as their numbers', async () => {
    const { svg } = await seriesChart(values, relevance, { show: 'bars' });
    expectWellFormed(svg);
    const bars = titled(svg, 'rect');
    const height = (title: string) => Number(bars.get(title)?.height);
    expect(height('step 1: value 1, relevance −2') / height('step 0: value 10, relevance +1')).toBeCloseTo(2, 6);
  });

  test('tensors, of several channels or of one', async () => {
    const tensor = tf.tensor2d(relevance);
    const flat = tf.tensor1d([1, 2, 3]);
    const before = tf.memory().numTensors;
    expect((await seriesChart(tensor, tensor)).svg).toBe((await seriesChart(relevance, relevance)).svg);
    expect((await seriesChart(flat, flat)).alt).toContain('channel 0: +6 in all');
    expect(tf.memory().numTensors).toBe(before);
    tensor.dispose();
    flat.dispose();
  });

  test('long series are drawn as one picture each, gaps and all', async () => {
    const long = Array.from({ length: 5000 }, (_, step) => [step % 7 === 0 ? Number.NaN : Math.sin(step / 90)]);
    const { svg } = await seriesChart(
      long,
      long.map((_, step) => [Math.cos(step / 50)]),
    );
    expectWellFormed(svg);
    expect(svg.match(/<image/g)).toHaveLength(2);
    expect(svg.length).toBeLessThan(200_000);
    expectWellFormed((await seriesChart([[Number.NaN]], [[1]])).svg);
  });

  test('a series that never changes has a chart too', async () => {
    expectWellFormed((await seriesChart([[1], [1]], [[0], [0]])).svg);
  });

  test('what does not fit', async () => {
    await expect(seriesChart(values, [[1, 1]])).rejects.toThrow(
      '[4 steps, 2 channels] and relevance [1 steps, 2 channels]',
    );
    await expect(seriesChart(values, relevance, { channels: ['x'] })).rejects.toThrow(InputError);
    await expect(seriesChart([], [])).rejects.toThrow(InputError);
    await expect(
      seriesChart(values, [
        [Number.NaN, 0],
        [0, 0],
        [0, 0],
        [0, 0],
      ]),
    ).rejects.toThrow(NumericsError);
  });
});

describe('time by feature', () => {
  test('names from top to bottom, steps across, and the strongest in words', async () => {
    const { svg, alt } = await timeFeatureHeatmap(
      [
        [0, 1],
        [-3, 0],
        [0, 0.5],
      ],
      { features: ['up', 'down'] },
    );
    expectWellFormed(svg);
    expect(alt).toBe('Heatmap of relevance, 3 time steps by 2 features. Strongest −3 at step 1 of up.');
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['up', 'down', '−3', '3', 'time step']));
  });

  test('many features do not print all their numbers on top of each other', async () => {
    const rows = [Array.from({ length: 200 }, (_, index) => index)];
    const labels = textsOf((await timeFeatureHeatmap(rows)).svg).filter((text) => /^\d+$/.test(text));
    expect(labels.length).toBeLessThan(45);
  });

  test('what does not fit', async () => {
    await expect(timeFeatureHeatmap([])).rejects.toThrow(InputError);
    await expect(timeFeatureHeatmap([[1, 2]], { features: ['a'] })).rejects.toThrow(InputError);
    const cube = tf.zeros([1, 2, 2]);
    await expect(timeFeatureHeatmap(cube)).rejects.toThrow('shape [1, 2, 2] has no rows and columns');
    cube.dispose();
  });
});

describe('beeswarm', () => {
  const relevance = [
    [1, -5],
    [2, 5],
    [-1, 5],
  ];

  test('a dot for each sample and feature, the feature of the largest mean size first', async () => {
    const { svg, alt } = await beeswarm(relevance, {
      names: ['small', 'large'],
      values: [
        [0, 9],
        [1, 9],
        [2, Number.NaN],
      ],
    });
    expectWellFormed(svg);
    const dots = titled(svg, 'circle');
    expect([...dots.keys()]).toHaveLength(6);
    expect(alt).toContain('large: mean size 5, from −5 to +5; small: mean size 1.33, from −1 to +2.');
    const x = (title: string) => Number(dots.get(title)?.cx);
    const scale = (x('sample 1: +2, value 1') - x('sample 0: +1, value 0')) / 1;
    expect(x('sample 0: +1, value 0') - x('sample 2: −1, value 2')).toBeCloseTo(2 * scale, 6);
    expect(dots.get('sample 0: +1, value 0')?.fill).toBe('#440154');
    expect(dots.get('sample 2: −1, value 2')?.fill).toBe('#fde725');
    expect(dots.get('sample 2: +5, value not a number')?.fill).toBe('#999999');
  });

  test('dots of one place never leave their row, however many', () => {
    const offsets = swarmOffsets(
      Array.from({ length: 500 }, () => 7),
      48,
    );
    expect(Math.max(...offsets.map(Math.abs))).toBeLessThan(0.5);
    expect(new Set(offsets).size).toBe(500);
    expect(swarmOffsets([0, 100], 48)).toEqual([-0, -0]);
  });

  test('what does not fit', async () => {
    await expect(beeswarm([])).rejects.toThrow(InputError);
    await expect(beeswarm(relevance, { top: 1.5 })).rejects.toThrow(InputError);
    await expect(beeswarm(relevance, { names: ['a'] })).rejects.toThrow(InputError);
    await expect(beeswarm(relevance, { values: [[1, 2]] })).rejects.toThrow(
      '[1, 2] do not fit relevance of shape [3, 2]',
    );
    await expect(beeswarm([[Number.NaN]])).rejects.toThrow(NumericsError);
  });
});

test('labels may hold anything', async () => {
  const name = '\u0000\uD800"><svg onload=hit()>\u202E';
  for (const drawn of [
    await topBars([{ name, relevance: 1 }], { caption: name, unit: name }),
    await seriesChart([[1]], [[1]], { channels: [name], time: name, unit: name }),
    await timeFeatureHeatmap([[1]], { features: [name], time: name, unit: name }),
    await beeswarm([[1]], { names: [name], unit: name }),
  ]) {
    expectWellFormed(drawn.svg);
    expect(drawn.svg).toMatch(/^[\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]*$/u);
  }
});

test('axes write numbers as the bars do, however small or large', async () => {
  const small = await topBars([{ name: 'a', relevance: 1e-7 }]);
  expect(small.svg).toContain('>2.00e−8<');
  expect(small.svg).not.toContain('0.00000');
  const large = await topBars([{ name: 'a', relevance: -12345 }], { width: 320 });
  expect(large.svg).toContain('>−10000<');
  const dots = await beeswarm([[1e-7], [-1e-7]]);
  expect(dots.svg).toContain('>1.00e−7<');
});

test('axes of time number whole steps, as numbers stand everywhere', async () => {
  const numbersOf = (svg: string) => textsOf(svg).filter((text) => /^[−\d.,]+$/.test(text));
  const short = await timeFeatureHeatmap([[1], [-1], [0.5]], { features: ['a'] });
  expect(numbersOf(short.svg)).toEqual(['0', '1', '2', '−1', '1', '0']);
  const long = Array.from({ length: 1500 }, (_, step) => [Math.sin(step)]);
  for (const { svg } of [await seriesChart(long, long), await timeFeatureHeatmap(long)]) {
    expect(numbersOf(svg)).toContain('1000');
    expect(svg).not.toContain('1,000');
  }
});

test('features are written as all other numbers', async () => {
  const { svg } = await topBars([{ name: 'a', relevance: 1, value: -2.72431 }]);
  expect(textsOf(svg)).toContain('a = −2.72');
});

test('a beeswarm where nothing earned anything, or all the same: dots at their number, zero in sight', async () => {
  const zeros = Array.from({ length: 30 }, () => [0, 0]);
  const nothing = (await beeswarm(zeros)).svg;
  expect(textsOf(nothing)).toEqual(expect.arrayContaining(['0', 'relevance']));
  const zero = Number(/translate\(([\d.]+),[\d.]+\)[^>]*>0</.exec(nothing)?.[1]);
  const places = [...titled(nothing, 'circle').values()].map(({ cx, cy }) => [Number(cx), Number(cy)]);
  expect(places).toHaveLength(30);
  for (const [x = 0, y] of places) {
    expect(Math.abs(x - zero)).toBeLessThan(1);
    expect(Number.isFinite(y)).toBe(true);
  }
  const same = (await beeswarm(zeros.map(() => [3, 3]))).svg;
  expect(textsOf(same)).toEqual(expect.arrayContaining(['0', '3']));
});

test('where no feature earned anything, zero is the only number of the axis', async () => {
  const { svg } = await topBars([{ name: 'a', relevance: 0 }]);
  const numbers = [...svg.matchAll(/>([−+]?[0-9.]+)</g)].map(([, number]) => number);
  expect(numbers).toEqual(['0', '0']); // at the axis, at the bar
});
