import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { trace } from '../../src/graph/trace.js';
import { defaultRegistry } from '../../src/layers/default-registry.js';
import { lower } from '../../src/plan/lower.js';
import { maximumStep, minimumStep } from '../../src/steps/select.js';
import { modelOf, randomTensor, stepsReproduce } from './reproduce.js';

const MERGES: [string, () => tfl.layers.Layer][] = [
  ['add', () => tfl.layers.add()],
  ['average', () => tfl.layers.average()],
  ['maximum', () => tfl.layers.maximum()],
  ['minimum', () => tfl.layers.minimum()],
  ['multiply', () => tfl.layers.multiply()],
];

const SHAPES = [
  { name: 'equal shapes', shapes: [[4], [4]] },
  { name: 'three inputs', shapes: [[3, 4], [3, 4], [3, 4]] }, // biome-ignore format: one case per line
  { name: 'broadcast sizes', shapes: [[3, 4], [1, 4], [3, 1]] }, // biome-ignore format: one case per line
  { name: 'different ranks', shapes: [[2, 3, 4], [4], [3, 4]] }, // biome-ignore format: one case per line
];

describe.each(MERGES)('%s', (name, make) => {
  test.each(SHAPES)('$name', async ({ shapes }) => {
    const inputs = shapes.map((shape, index) => randomTensor([2, ...shape], index + 1, 2));
    const names = await stepsReproduce(modelOf(make(), shapes), inputs);
    expect(names.filter((own) => own === name)).toHaveLength(1);
  });
});

test('one input twice', async () => {
  const input = tfl.input({ shape: [4] });
  // Given a list of symbolic tensors the layer answers one.
  const output = tfl.layers.add().apply([input, input]) as tfl.SymbolicTensor;
  await stepsReproduce(tfl.model({ inputs: input, outputs: output }), [randomTensor([2, 4])]);
});

test.each([
  ['maximum', maximumStep()],
  ['minimum', minimumStep()],
] as const)('%s gives ties to the first', async (_name, step) => {
  const xs = [tf.tensor1d([1, 2, 3]), tf.tensor1d([1, 2, 3]), tf.tensor1d([1, 5, 0])];
  const routed = tf.tidy(() => {
    const y = step.apply(xs, () => tf.scalar(0));
    return step.route(tf.tensor1d([10, 20, 30]), xs, y).map((part) => part ?? tf.zeros([3]));
  });
  const expected =
    step.name === 'maximum'
      ? [
          [10, 0, 30],
          [0, 0, 0],
          [0, 20, 0],
        ]
      : [
          [10, 20, 0],
          [0, 0, 0],
          [0, 0, 30],
        ];
  expect(await Promise.all(routed.map(async (part) => [...(await part.data())]))).toEqual(expected);
  tf.dispose([...xs, ...routed]);
});

describe('Concatenate', () => {
  // Every negative axis is the last one to tfjs.
  test.each([1, 2, 3, -1])('axis %i', async (axis) => {
    const along = axis < 0 ? axis + 4 : axis;
    const shapes = [2, 1, 3].map((size) => [3, 4, 2].map((other, index) => (index + 1 === along ? size : other)));
    const inputs = shapes.map((shape, index) => randomTensor([2, ...shape], index + 1));
    expect(await stepsReproduce(modelOf(tfl.layers.concatenate({ axis }), shapes), inputs)).toEqual(['concat']);
  });
});

test('Concatenate takes every negative axis for the last, as tfjs does', async () => {
  const shapes = [
    [3, 4],
    [3, 4],
  ];
  const inputs = shapes.map((shape, index) => randomTensor([2, ...shape], index + 1));
  await stepsReproduce(modelOf(tfl.layers.concatenate({ axis: -2 }), shapes), inputs);
});

describe('Dot', () => {
  const cases: [number[], number[], number | [number, number]][] = [
    [[4], [4], 1],
    [[4], [4], -1],
    [[3, 4], [5, 4], 2],
    [[3, 4], [5, 4], -1],
    [[4, 3], [4, 5], 1],
    [
      [3, 4],
      [4, 5],
      [2, 1],
    ],
    [
      [4, 3],
      [5, 4],
      [1, 2],
    ],
    [[3, 4], [4], [2, 1]],
    [[4, 3], [4], [1, 1]],
    [[4], [3, 4], [1, 2]],
    [[4], [4, 3], [1, 1]],
    [
      [3, 4],
      [5, 4],
      [-1, -1],
    ],
  ];
  test.each(cases)('%j and %j over %j', async (a, b, axes) => {
    for (const normalize of [false, true]) {
      const model = modelOf(tfl.layers.dot({ axes, normalize }), [a, b]);
      const names = await stepsReproduce(model, [randomTensor([2, ...a], 1), randomTensor([2, ...b], 2)]);
      expect(names).toEqual(normalize ? ['l2 norm', 'l2 norm', 'dot'] : ['dot']);
    }
  });

  test('vectors too short to normalize', async () => {
    const model = modelOf(tfl.layers.dot({ axes: 1, normalize: true }), [[4], [4]]);
    await stepsReproduce(model, [tf.zeros([2, 4]), randomTensor([2, 4], 2, 1e-5)]);
  });

  test('over the batch is refused', () => {
    const model = modelOf(tfl.layers.dot({ axes: 0, name: 'dot' }), [[4], [4]]);
    expect(lower(trace(model), defaultRegistry).problems[0]?.message).toMatchInlineSnapshot(
      `"Layer "dot" (class Dot) at dot: it sums over axis 0, the batch. Relevance belongs to one sample; use axes from 1 on."`,
    );
  });
});
