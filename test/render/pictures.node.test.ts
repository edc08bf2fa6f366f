// Pictures against reference pictures, with a small tolerance. With UPDATE_PICTURES=1 they are written anew: look at them.
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { test } from 'vitest';
import { explain, type TokenScore } from '../../src/index.js';
import { drawFlow } from '../../src/render/flow/draw-flow.js';
import type { FlowNode } from '../../src/render/flow/flow-graph.js';
import {
  beeswarm,
  heatmap,
  heatmapGrid,
  type Plane,
  seriesChart,
  timeFeatureHeatmap,
  tokensSvg,
  topBars,
  waterfall,
} from '../../src/render/index.js';
import { figureOf } from '../../src/render/scene/figure.js';
import { svgDocument } from '../../src/render/scene/scene-svg.js';
import { expectSameDrawing, expectSamePicture } from './expect-picture.js';
import { noise, pictureModel } from './models.js';

const folder = join(import.meta.dirname, 'pictures');
const expectPicture = (name: string, png: Uint8Array) => expectSamePicture(join(folder, `${name}.png`), png);
const expectDrawing = (name: string, drawing: { readonly svg: string }) =>
  expectSameDrawing(join(folder, name), drawing);

/** A hill above zero and a valley below. */
function hills(width: number, height: number, turn: number): Plane {
  const values = Float32Array.from({ length: width * height }, (_, pixel) => {
    const [x, y] = [(pixel % width) / width, Math.floor(pixel / width) / height];
    const bump = (cx: number, cy: number) => Math.exp(-30 * ((x - cx) ** 2 + (y - cy) ** 2));
    return bump(0.3 + 0.1 * turn, 0.3) - 0.6 * bump(0.7, 0.7 - 0.1 * turn);
  });
  return { width, height, values };
}

const rows = (count: number, columns: number, seed: number) =>
  Array.from({ length: count }, (_, row) => Array.from(noise(columns, seed + row), (value) => Number(value)));

const features = [
  { name: 'age', relevance: 2.4, value: 61 },
  { name: 'a name so long that it has to be cut somewhere', relevance: -1.3, value: 3 },
  { name: 'rooms', relevance: 0.4 },
  { name: 'floor', relevance: -0.2 },
];

test('a grid with labels, colour bar and numbers, as PNG', async () => {
  const picture = { width: 6, height: 6, data: Array.from({ length: 36 }, (_, index) => index * 7) };
  const cells = [0, 1, 2].map((turn) => ({
    label: `class ${turn}`,
    relevance: hills(24, 24, turn),
    ...(turn === 2 ? { picture } : {}),
  }));
  const figure = await heatmapGrid(cells, {
    caption: 'Three classes, 1.5 × 10 ≤ y',
    side: 120,
    rowLabels: ['one', 'two'],
  });
  await expectPicture('grid', figure.png(1));
  await expectDrawing('grid-svg', figure);
});

test('a whole heatmap: caption, three panels, colour bar with numbers and unit', async () => {
  const model = pictureModel();
  const x = tf.tensor4d(noise(12 * 12 * 3, 5), [1, 12, 12, 3]);
  const explanation = explain(model, x, 'epsilon-plus', { target: 1 });
  const figure = await heatmap(explanation, { picture: x, range: [-1, 1], side: 120 });
  await expectPicture('heatmap', figure.png(1));
  await expectDrawing('heatmap-svg', figure);
  for (const disposable of [explanation, x, model]) disposable.dispose();
});

test('every letter of the PNG font', async () => {
  const ascii = String.fromCharCode(...Array.from({ length: 95 }, (_, index) => index + 32));
  const lines = [ascii.slice(0, 48), ascii.slice(48), '−–—×≤≥±·…→∞’αβγε 日'];
  const marks = lines.map((text, index) => ({
    kind: 'text' as const,
    x: 6,
    y: 22 + 24 * index,
    text,
    size: 15,
    bold: index === 2,
  }));
  await expectPicture('letters', figureOf({ width: 450, height: 84, marks, alt: 'letters' }).png(2));
});

test('tokens', async () => {
  const words = 'The film was not good , un ##believ ##able , and far too long for what it has to say'.split(' ');
  const tokens = words.map((token, position): TokenScore => ({ token, position, relevance: Math.sin(position * 1.7) }));
  const figure = tokensSvg(tokens, { columns: 40, caption: 'Tokens' });
  await expectDrawing('tokens', figure);
  await expectPicture('tokens-png', figure.png(2));
});

test('bars and waterfall', async () => {
  await expectDrawing('bars', await topBars(features, { width: 480 }));
  await expectDrawing('waterfall', await waterfall(features, { score: 2, width: 480 }));
});

test('series, as colours and as bars', async () => {
  const [values, relevance] = [rows(40, 2, 3), rows(40, 2, 90)];
  await expectDrawing('series', await seriesChart(values, relevance, { width: 480 }));
  await expectDrawing('series-bars', await seriesChart(values, relevance, { width: 480, show: 'bars' }));
});

test('time by feature', async () => {
  await expectDrawing('time-feature', await timeFeatureHeatmap(rows(30, 5, 7), { width: 480 }));
});

test('beeswarm', async () => {
  const values = rows(80, 3, 11);
  const relevance = values.map((row) => row.map((value, column) => value * (column + 0.2)));
  await expectDrawing('beeswarm', await beeswarm(relevance, { values, width: 480 }));
});

test('flow: branches, a way past a row, losses', async () => {
  const node = (id: string, received: number, lost = 0): FlowNode => {
    const absorbed = lost === 0 ? [] : [{ name: 'biases', relevance: lost }];
    return { id, addresses: [id], layerTypes: ['Dense'], received, absorbed, handsOn: false, isInput: id === 'input' };
  };
  const nodes = [
    node('input', 1.2),
    node('left', 2, 0.9),
    node('lower', -1, -0.1),
    node('right', -1),
    node('sum', 2),
    node('scores', 2.5, 0.5),
  ];
  const edges = [
    { from: 'scores', to: 'sum', relevance: 2 },
    { from: 'sum', to: 'left', relevance: 2 },
    { from: 'sum', to: 'right', relevance: -1 },
    { from: 'sum', to: 'input', relevance: 1 },
    { from: 'right', to: 'lower', relevance: -1 },
    { from: 'lower', to: 'input', relevance: -0.9 },
    { from: 'left', to: 'input', relevance: 1.1 },
  ];
  const { width, height, svg } = drawFlow({ nodes, edges, starts: new Map([['scores', 2.5]]) }, 'logit');
  await expectDrawing('flow', { svg: svgDocument(width, height, 'flow', svg) });
});
