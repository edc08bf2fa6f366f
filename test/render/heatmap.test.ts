import * as tf from '@tensorflow/tfjs-core';
import {
  layers,
  input as makeInput,
  model as makeModel,
  type SymbolicTensor,
  sequential,
} from '@tensorflow/tfjs-layers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ExplainOptions, type Explanation, explain, InputError, MatchError, zero } from '../../src/index.js';
import {
  colourMap,
  colourOf,
  drawOnCanvas,
  encodePng,
  type Figure,
  heatmap,
  heatmapGrid,
  overlayPlane,
  type Plane,
  paintPlane,
  perLayer,
  perSample,
  scaleOf,
  toImageData,
} from '../../src/render/index.js';

/** `score = sum of the pixels`, so that under epsilon every pixel earns its own value. */
const model = sequential({
  name: 'adds',
  layers: [
    layers.flatten({ name: 'flat', inputShape: [2, 3, 1] }),
    layers.dense({ name: 'sum', units: 1, useBias: false, kernelInitializer: 'ones' }),
  ],
});
const pixels = [1, -2, 3, 0, 0.5, -0.25, 4, 4, 4, 4, 4, 4];
let input: tf.Tensor;
let explanation: Explanation;
beforeAll(() => {
  input = tf.tensor(pixels, [2, 2, 3, 1]);
  explanation = explain(model, input, 'epsilon');
});
afterAll(() => {
  explanation.dispose();
  input.dispose();
});

/** The text nodes of an SVG, in order. */
function textsOf({ svg }: Pick<Figure, 'svg'>): string[] {
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text ?? '');
}

describe('painting', () => {
  const map: Plane = { width: 3, height: 1, values: Float32Array.of(-2, 0, 1) };
  const scale = scaleOf([map.values]);

  test('every pixel in its colour, opaque', () => {
    const { data } = paintPlane(map, scale);
    expect([...data.subarray(0, 3)]).toEqual([...colourMap('blue-red').colour(-1)]);
    expect([...data.subarray(4, 7)]).toEqual([...colourMap('blue-red').colour(0)]);
    expect([...data.subarray(8, 11)]).toEqual([...colourMap('blue-red').colour(0.5)]);
    expect([3, 7, 11].map((at) => data[at])).toEqual([255, 255, 255]);
  });

  test('an even blend is the mean of the two', () => {
    const picture = paintPlane(map, scaleOf([map.values], { colours: 'greys' }));
    const { data } = overlayPlane(picture, map, scale, { opacity: 0.5, grey: false });
    for (const pixel of [0, 1, 2]) {
      const above = colourOf(scale, map.values[pixel] ?? 0);
      for (const channel of [0, 1, 2]) {
        const mean = ((picture.data[4 * pixel + channel] ?? 0) + (above[channel] ?? 0)) / 2;
        expect(Math.abs((data[4 * pixel + channel] ?? 0) - mean)).toBeLessThanOrEqual(0.5);
      }
    }
  });

  test('by size: the picture shows through where there is no relevance, and hardly where there is much', () => {
    const black = { width: 3, height: 1, data: Uint8ClampedArray.of(0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255) };
    const { data } = overlayPlane(black, map, scale);
    expect([...data.subarray(4, 7)]).toEqual([60, 60, 60]);
    const [red = 0, green = 0, blue = 0] = colourOf(scale, -2);
    const mixed = [red, green, blue].map((byte) => 0.9 * byte + 0.1 * 60);
    mixed.forEach((byte, channel) => {
      expect(Math.abs((data[channel] ?? 0) - byte)).toBeLessThanOrEqual(0.5001);
    });
  });

  test('the overlay has the size of the picture', () => {
    const picture = { width: 6, height: 4, data: new Uint8ClampedArray(96) };
    expect(overlayPlane(picture, map, scale)).toMatchObject({ width: 6, height: 4 });
  });

  test.each([-0.1, 1.1, Number.NaN])('opacity %s is refused', (opacity) => {
    expect(() => overlayPlane(paintPlane(map, scale), map, scale, { opacity })).toThrow(InputError);
  });
});

describe('heatmap', () => {
  test('says score, unit, rules, and the ends of the scale', async () => {
    const figure = await heatmap(explanation, { scale: 'max' });
    expect(textsOf(figure)).toEqual([
      'score 2.25 of unit 0 of output',
      '&quot;sum&quot;, rules epsilon',
      'relevance',
      '−3',
      '3',
      '0',
      'relevance, in units of the score',
      'ends at the largest value',
    ]);
    expect(figure.alt).toBe(
      'score 2.25 of unit 0 of output "sum", rules epsilon. Heatmap, 3 wide and 2 high, relevance, in units of the score: ' +
        'positive 4.5 in all, negative −2.25; strongest +3 at column 3 from the left, row 1 from the top.',
    );
    expect(figure.svg).toContain('role="img" aria-label="score 2.25 of unit 0');
  });

  test('side by side with the picture', async () => {
    const figure = await heatmap(explanation, { picture: input, sample: 1 });
    expect(textsOf(figure).filter((text) => ['input', 'relevance', 'overlay'].includes(text))).toHaveLength(3);
    expect(figure.svg.match(/<image/g)).toHaveLength(4);
  });

  test('an inner layer', async () => {
    const [first = ''] = Object.keys(explanation.layers);
    const map = await heatmap(explanation, { layer: first });
    expect(map.alt).toContain('3 wide and 2 high');
    await expect(heatmap(explanation, { layer: 'flat' })).rejects.toThrow('shape [2, 6] cannot be read as pictures');
  });

  test('pictures without an axis for channels, as a batch', async () => {
    const net = sequential({ layers: [layers.flatten({ inputShape: [2, 3] }), layers.dense({ units: 1 })] });
    const xs = tf.tensor(pixels, [2, 2, 3]);
    const own = explain(net, xs, 'epsilon');
    const figure = await heatmap(own, { picture: xs, sample: 1 });
    expect(figure.alt).toContain('3 wide and 2 high');
    expect((await heatmapGrid(await perSample(own, xs))).alt.match(/3 wide and 2 high/g)).toHaveLength(2);
    own.dispose();
    xs.dispose();
    net.dispose();
  });

  test('a layer of a model with several inputs; the input has to be named', async () => {
    const [a, b] = [0, 1].map((index) => makeInput({ shape: [2, 2, 1], name: `in_${index}` }));
    if (!a || !b) throw new Error('two inputs');
    // `apply` of symbolic tensors answers symbolic tensors.
    const sum = layers.add({ name: 'sum' }).apply([a, b]) as SymbolicTensor;
    const flat = layers.flatten({}).apply(sum) as SymbolicTensor;
    const net = makeModel({ inputs: [a, b], outputs: layers.dense({ units: 1 }).apply(flat) as SymbolicTensor });
    const xs = [tf.ones([1, 2, 2, 1]), tf.zeros([1, 2, 2, 1])];
    const own = explain(net, xs, 'epsilon');
    expect((await heatmap(own, { layer: 'sum' })).alt).toContain('2 wide and 2 high');
    expect((await heatmap(own, { input: 1 })).alt).toContain('2 wide and 2 high');
    await expect(heatmap(own)).rejects.toThrow('The model has 2 inputs: "in_0", "in_1". Say which: {input: "in_0"}.');
    own.dispose();
    tf.dispose(xs);
    net.dispose();
  });

  test('tensors are as many as before, also after errors', async () => {
    const before = tf.memory().numTensors;
    await heatmap(explanation, { picture: input });
    await expect(heatmap(explanation, { sample: 2 })).rejects.toThrow(MatchError);
    await expect(heatmap(explanation, { panels: ['overlay'] })).rejects.toThrow(InputError);
    await expect(heatmap(explanation, { input: 'nothing' })).rejects.toThrow(MatchError);
    expect(tf.memory().numTensors).toBe(before);
  });

  test('labels with markup mean themselves', async () => {
    const figure = await heatmap(explanation, { caption: '<img src=x onerror=alert(1)> & "\u0001' });
    expect(figure.svg).toContain('&lt;img src=x');
    expect(figure.svg).not.toContain('<img');
    expect(figure.svg).not.toContain('\u0001');
  });

  test('sizes that are none', async () => {
    await expect(heatmap(explanation, { side: 0 })).rejects.toThrow(InputError);
    const figure = await heatmap(explanation);
    for (const ratio of [0, -1, Number.NaN, 1e6]) expect(() => figure.png(ratio)).toThrow(InputError);
  });

  test('PNG bytes of the size that was asked for', async () => {
    const figure = await heatmap(explanation, { side: 60 });
    const bytes = figure.png(1);
    expect([...bytes.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    expect([view.getUint32(16), view.getUint32(20)]).toEqual([Math.ceil(figure.width), Math.ceil(figure.height)]);
  });
});

describe('grids', () => {
  test('cells share one scale unless told otherwise', async () => {
    const cells = await perSample(explanation);
    // The grid has room for three short lines above a cell: rules are the same in all and would be cut.
    for (const { label } of cells) expect(label).toMatch(/^\d: \w+ \S+ of [^,]*$/);
    const shared = await heatmapGrid(cells, { scale: 'max' });
    expect(textsOf(shared).filter((text) => text === '4')).toHaveLength(1);
    const own = await heatmapGrid(cells, { scale: 'max', share: 'none', colours: 'blue-red' });
    expect(textsOf(own)).toEqual(expect.arrayContaining(['−3', '3', '−4', '4']));
  });

  test('rows and columns: where cells share along columns each has the scale of its column', async () => {
    const plane = (value: number): Plane => ({ width: 1, height: 1, values: Float32Array.of(value) });
    const cells = [1, 2, 3, 4].map((value) => ({ label: `${value}`, relevance: plane(value) }));
    const ends = async (share: 'row' | 'column') =>
      textsOf(await heatmapGrid(cells, { columns: 2, share, scale: 'max', side: 100 })).filter((text) =>
        /^[34]$/.test(text),
      );
    // Titles 3 and 4, and below each cell the end of its scale.
    expect((await ends('column')).sort()).toEqual(['3', '3', '3', '4', '4', '4']);
    expect((await ends('row')).sort()).toEqual(['3', '4', '4', '4']);
  });

  test('layers: all whose outputs are pictures, in order', () => {
    const cells = perLayer(explanation);
    expect(cells.map(({ label }) => label.replace(/^\S+/, ''))).toEqual([' 2 × 3 × 1']);
    expect(() => perLayer(explanation, ['nowhere'])).toThrow(MatchError);
  });

  test('no cells, no columns', async () => {
    await expect(heatmapGrid([])).rejects.toThrow(InputError);
    const cell = { label: 'a', relevance: { width: 1, height: 1, values: Float32Array.of(1) } };
    await expect(heatmapGrid([cell], { columns: 0 })).rejects.toThrow(InputError);
  });
});

describe('pixels', () => {
  const raster = { width: 2, height: 1, data: Uint8ClampedArray.of(1, 2, 3, 255, 250, 128, 0, 255) };

  test('as ImageData and on a canvas where there is one, else an error that says what to take', () => {
    if (typeof ImageData === 'undefined') {
      expect(() => toImageData(raster)).toThrow('Take encodePng(raster) instead');
      return;
    }
    const canvas = document.createElement('canvas');
    drawOnCanvas(raster, canvas);
    expect([...(canvas.getContext('2d')?.getImageData(0, 0, 2, 1).data ?? [])]).toEqual([...raster.data]);
  });

  test('the PNG begins with its signature', () => {
    expect([...encodePng(raster).subarray(1, 4)]).toEqual([80, 78, 71]);
  });
});

describe('how much of the score a map shows', () => {
  /** Adds up four pixels and a bias. */
  const told = (bias: number, options: ExplainOptions = {}) => {
    const dense = layers.dense({ units: 1, name: 'sum' });
    const model = sequential({ layers: [layers.flatten({ inputShape: [2, 2, 1], name: 'flat' }), dense] });
    dense.setWeights([tf.ones([4, 1]), tf.tensor1d([bias])]);
    const xs = tf.tensor4d([1, 2, 3, -2, 1, 1, 1, 1], [2, 2, 2, 1]);
    return { model, xs, explanation: explain(model, xs, zero(), options) };
  };

  test.each([
    [4, 'shows 4 of the score 8 (50 %)'],
    [-3, 'adds up to 4, the score is 1'],
    [-5, 'adds up to 4, the score is −1'],
    [0.1, null],
  ])('with a bias of %s it %s', async (bias, words) => {
    const { model, xs, explanation } = told(bias);
    const before = tf.memory().numTensors;
    for (const options of [{}, { caption: 'own' }, { pool: 'norm' }] as const) {
      const { svg, alt } = await heatmap(explanation, options);
      if (words === null) expect(`${svg}${alt}`).not.toMatch(/shows|adds up/);
      else {
        expect(svg).toContain(`>${words}<`);
        expect(alt).toContain(` It ${words}.`);
      }
    }
    // The promise of the cells will do.
    const grid = await heatmapGrid(perSample(explanation), { side: 400 });
    expect(grid.alt.match(/ It (shows|adds)/g)?.length ?? 0).toBe(words === null ? 0 : 2);
    expect(grid.svg.includes(`>${words}<`)).toBe(words !== null);
    const inner = await heatmapGrid(perLayer(explanation), { side: 400 });
    expect(inner.svg.includes(`>${words}<`)).toBe(words !== null);
    expect(tf.memory().numTensors).toBe(before);
    for (const disposable of [explanation, xs, model]) disposable.dispose();
  });

  test('nothing is said of relevance that did not start as the score', async () => {
    const { model, xs, explanation } = told(4, { start: 'one' });
    expect((await heatmap(explanation)).alt).not.toMatch(/shows|adds up/);
    for (const disposable of [explanation, xs, model]) disposable.dispose();
  });
});
