// What is explained: every form of target and start value, by hand-worked relevance on small linear models.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, describe, expect, test } from 'vitest';
import { contrast, type ExplainOptions, explain, type StartValue, type Target } from '../../src/index.js';
import {
  apply,
  at,
  errorOf,
  expectNumbersClose,
  numbers,
  setWeights,
  tensorCount,
  total,
} from '../explanation/tools.js';

const X = [
  [1, 2, -1],
  [3, -1, 2],
];
const KERNEL = [
  [1, -2, 3, 2],
  [2, 1, -1, 3],
  [-1, 4, 2, 1],
];
// z = x W: [1+4+1, -2+2-4, 3-2-2, 2+6-1] and [3-2-2, -6-1+8, 9+1+4, 6-3+2].
const SCORES = [
  [6, -4, -1, 7],
  [-1, 1, 14, 5],
];

const x = tf.tensor2d(X);
const model = tfl.sequential({
  layers: [tfl.layers.dense({ units: 4, inputShape: [3], useBias: false, name: 'scores' })],
});
setWeights(at(model.layers, 0), KERNEL);
afterAll(() => tf.dispose([x]));

/** `R_i = Σ_u weight_u x_i w_iu`: what LRP-0 gives a linear model that starts with `weight ⊙ score`. */
function shareOf(weights: readonly (readonly number[])[], scale = (_sample: number, _unit: number) => 1): number[] {
  return weights.flatMap((sample, b) =>
    at(X, b).map((value, i) =>
      sample.reduce((sum, weight, u) => sum + weight * value * at(at(KERNEL, i), u) * scale(b, u), 0),
    ),
  );
}

const ROWS = (units: readonly number[]) => units.map((unit) => [0, 1, 2, 3].map((u) => (u === unit ? 1 : 0)));

describe('units of a vector', () => {
  const third = -1 / 3;
  const cases: [string, Target | undefined, number[][]][] = [
    ['omitted: the strongest of each sample', undefined, ROWS([3, 2])],
    ['a number', 1, ROWS([1, 1])],
    ['one number per sample', [0, 3], ROWS([0, 3])],
    ['one tuple per sample', [[3], [1]], ROWS([3, 1])],
    [
      'contrast of two',
      contrast(3, 0),
      [
        [-1, 0, 0, 1],
        [-1, 0, 0, 1],
      ],
    ],
    [
      'contrast with the rest',
      contrast(0),
      [
        [1, third, third, third],
        [1, third, third, third],
      ],
    ],
    [
      'all',
      'all',
      [
        [1, 1, 1, 1],
        [1, 1, 1, 1],
      ],
    ],
    ['{unit}', { unit: 3 }, ROWS([3, 3])],
    ['{output by name}', { output: 'scores', unit: [1, 2] }, ROWS([1, 2])],
    ['{output by position}, strongest', { output: 0 }, ROWS([3, 2])],
    ['{channel}', { channel: 3 }, ROWS([3, 3])],
    [
      'a function of the output',
      (output: tf.Tensor) => tf.cast(tf.greater(output, 4), 'float32'),
      [
        [1, 0, 0, 1],
        [0, 0, 1, 1],
      ],
    ],
  ];
  test.each(cases)('%s', async (_what, target, weights) => {
    const before = tensorCount();
    const explanation = explain(model, x, 'epsilon', target === undefined ? {} : { target });
    expectNumbersClose(await numbers(at(explanation.inputs, 0).relevance), shareOf(weights));
    expectNumbersClose(await numbers(explanation.target.weights), weights.flat(), 1e-6);
    const scores = weights.map((sample, b) =>
      sample.reduce((sum, weight, u) => sum + weight * at(at(SCORES, b), u), 0),
    );
    expectNumbersClose(await numbers(explanation.target.scores), scores, 1e-6);
    // Everything starts as weight times score, and without bias all of it arrives.
    const started = weights.flatMap((sample, b) => sample.map((weight, u) => weight * at(at(SCORES, b), u)));
    expectNumbersClose(await numbers(explanation.target.relevance), started, 1e-6);
    expect(await total(at(explanation.inputs, 0).relevance)).toBeCloseTo(
      scores.reduce((sum, score) => sum + score, 0),
      3,
    );
    expect(explanation.target).toMatchObject({ place: 'output "scores"', quantity: 'score', start: 'score' });
    explanation.dispose();
    expect(tensorCount()).toBe(before);
  });

  test.each([
    ['with the batch', [[1, 0, 0, 2], [0, 1, -1, 0]], [[1, 0, 0, 2], [0, 1, -1, 0]]], // biome-ignore format: a table
    ['of one sample with the batch axis', [[0, 1, 0, 0.5]], [[0, 1, 0, 0.5], [0, 1, 0, 0.5]]], // biome-ignore format: a table
    ['without the batch', [0, 1, 0, 0.5], [[0, 1, 0, 0.5], [0, 1, 0, 0.5]]], // biome-ignore format: a table
  ] as const)('a weight tensor %s', async (_what, given, weights) => {
    const target = tf.tensor(given as tf.TensorLike);
    const explanation = explain(model, x, 'epsilon', { target });
    expectNumbersClose(await numbers(at(explanation.inputs, 0).relevance), shareOf(weights));
    expect(explanation.target.weights.shape).toEqual([2, 4]);
    explanation.dispose();
    expect(target.isDisposed).toBe(false);
    target.dispose();
  });

  test('a mask of booleans or integers', async () => {
    const expected = shareOf(ROWS([2, 2]));
    for (const target of [tf.tensor1d([false, false, true, false], 'bool'), tf.tensor1d([0, 0, 1, 0], 'int32')]) {
      const explanation = explain(model, x, 'epsilon', { target });
      expectNumbersClose(await numbers(at(explanation.inputs, 0).relevance), expected);
      tf.dispose(target);
      explanation.dispose();
    }
  });

  test('a sample without the batch axis takes one unit, plain or in a list', async () => {
    const single = tf.tensor1d(at(X, 0));
    for (const target of [3, [3], [[3]]]) {
      const explanation = explain(model, single, 'epsilon', { target });
      expect(at(explanation.inputs, 0).relevance.shape).toEqual([3]);
      expectNumbersClose(await numbers(at(explanation.inputs, 0).relevance), shareOf(ROWS([3, 3])).slice(0, 3));
      explanation.dispose();
    }
    single.dispose();
  });
});

describe('start values', () => {
  test('one: each unit starts with 1, whatever its score', async () => {
    const explanation = explain(model, x, 'epsilon', { target: [1, 2], start: 'one' });
    expect(await numbers(explanation.target.relevance)).toEqual(ROWS([1, 2]).flat());
    expect(await numbers(explanation.target.scores)).toEqual([-4, 14]);
    expectNumbersClose(
      await numbers(at(explanation.inputs, 0).relevance),
      shareOf(ROWS([1, 2]), (b, u) => 1 / at(at(SCORES, b), u)),
    );
    expect(await total(at(explanation.inputs, 0).relevance)).toBeCloseTo(2, 5);
    expect(explanation.target.start).toBe('one');
    explanation.dispose();
  });

  test('a tensor of one’s own, which also says which units are meant', async () => {
    const own = [
      [0, 2, 0, 0],
      [0, 0, -3, 5],
    ];
    const start = tf.tensor2d(own);
    const explanation = explain(model, x, 'epsilon', { start });
    expect(await numbers(explanation.target.relevance)).toEqual(own.flat());
    expect(await numbers(explanation.target.weights)).toEqual([0, 1, 0, 0, 0, 0, 1, 1]);
    expect(await numbers(explanation.target.scores)).toEqual([2, 2]);
    expectNumbersClose(
      await numbers(at(explanation.inputs, 0).relevance),
      shareOf(own, (b, u) => 1 / at(at(SCORES, b), u)),
    );
    expect(explanation.target.start).toBe('custom');
    explanation.dispose();
    expect(start.isDisposed).toBe(false);
    start.dispose();
  });

  test('one sample of a start tensor serves the whole batch', async () => {
    const start = tf.tensor1d([1, 0, 0, 0]);
    const explanation = explain(model, x, 'epsilon', { start });
    expect(await numbers(explanation.target.relevance)).toEqual([1, 0, 0, 0, 1, 0, 0, 0]);
    explanation.dispose();
    start.dispose();
  });

  test('relevance is linear in the start', async () => {
    const relevanceOf = async (options: ExplainOptions) => {
      const explanation = explain(model, x, 'epsilon', options);
      const read = await numbers(at(explanation.inputs, 0).relevance);
      explanation.dispose();
      return read;
    };
    const [a, b] = [await relevanceOf({ target: 3 }), await relevanceOf({ target: 0 })];
    const difference = a.map((value, index) => value - at(b, index));
    expectNumbersClose(await relevanceOf({ target: contrast(3, 0) }), difference);
    const all = await relevanceOf({ target: 'all' });
    const each = await Promise.all([0, 1, 2, 3].map((target) => relevanceOf({ target })));
    expectNumbersClose(
      all,
      all.map((_, index) => each.reduce((sum, one) => sum + at(one, index), 0)),
    );
    // Against the rest: a unit minus the mean of the other three.
    const rest = a.map((value, index) => value - (at(all, index) - value) / 3);
    expectNumbersClose(await relevanceOf({ target: contrast(3) }), rest);
  });
});

describe('units of a map', () => {
  // Two rows, one column, two channels; a 1x1 convolution.
  const kernel = [
    [1, 2, -1],
    [3, -1, 2],
  ];
  const pixels = [
    [1, 2],
    [-1, 3],
  ];
  const map = tfl.sequential({
    layers: [tfl.layers.conv2d({ filters: 3, kernelSize: 1, useBias: false, inputShape: [2, 1, 2], name: 'map' })],
  });
  setWeights(at(map.layers, 0), [[kernel]]);
  const input = tf.tensor4d(pixels.flat(), [1, 2, 1, 2]);
  afterAll(() => tf.dispose(input));

  const mapShare = (weights: readonly (readonly number[])[]) =>
    pixels.flatMap((pixel, p) =>
      pixel.map((value, i) => at(weights, p).reduce((sum, w, u) => sum + w * value * at(at(kernel, i), u), 0)),
    );
  // z: [1+6, 2-2, -1+4] and [-1+9, -2-3, 1+6].
  const cases: [string, Target | undefined, number[][]][] = [
    ['omitted: the strongest element', undefined, [[0, 0, 0], [1, 0, 0]]], // biome-ignore format: a table
    ['an index tuple', [0, 0, 2], [[0, 0, 1], [0, 0, 0]]], // biome-ignore format: a table
    ['a tuple per sample', [[1, 0, 1]], [[0, 0, 0], [0, 1, 0]]], // biome-ignore format: a table
    ['a channel at all positions', { channel: 2 }, [[0, 0, 1], [0, 0, 1]]], // biome-ignore format: a table
  ];
  test.each(cases)('%s', async (_what, target, weights) => {
    const explanation = explain(map, input, 'epsilon', target === undefined ? {} : { target });
    expect(await numbers(explanation.target.weights)).toEqual(weights.flat());
    expectNumbersClose(await numbers(at(explanation.inputs, 0).relevance), mapShare(weights));
    explanation.dispose();
  });

  test.each([
    ['of the output', [0, 0, 0, 1, 1, 1], [1, 2, 1, 3]],
    ['of one sample of it', [0, 0, 0, 1, 1, 1], [2, 1, 3]],
    ['of its positions', [0, 1], [2, 1]],
    ['of one channel', [0, 1], [2, 1, 1]],
    ['of one channel, with the batch', [0, 1], [1, 2, 1, 1]],
  ])('a channel where a mask is, in the shape %s', async (_what, values, shape) => {
    const unit = tf.tensor(values, shape, 'bool');
    const explanation = explain(map, input, 'epsilon', { target: { channel: 0, unit } });
    const weights = [
      [0, 0, 0],
      [1, 0, 0],
    ];
    expect(await numbers(explanation.target.weights)).toEqual(weights.flat());
    expectNumbersClose(await numbers(at(explanation.inputs, 0).relevance), mapShare(weights));
    explanation.dispose();
    tf.dispose(unit);
  });

  test('a map of one position takes numbers', async () => {
    const pooled = tfl.sequential({ layers: [...map.layers, tfl.layers.averagePooling2d({ poolSize: [2, 1] })] });
    const explanation = explain(pooled, input, 'epsilon', { target: 2 });
    expect(await numbers(explanation.target.weights)).toEqual([0, 0, 1]);
    expect(await numbers(explanation.target.scores)).toEqual([5]);
    explanation.dispose();
  });
});

describe('where explanation starts', () => {
  // x -> first (3 -> 2) -> second (2 -> 2) and, from first, side (2 -> 3).
  const input = tfl.input({ shape: [3], name: 'x' });
  const first = apply(tfl.layers.dense({ units: 2, useBias: false, name: 'first' }), input);
  const second = apply(tfl.layers.dense({ units: 2, useBias: false, name: 'second' }), first);
  const side = apply(tfl.layers.dense({ units: 3, useBias: false, name: 'side', activation: 'softmax' }), first);
  const net = tfl.model({ inputs: input, outputs: [second, side] });
  const w1 = [
    [1, 2],
    [0, 1],
    [2, -1],
  ];
  setWeights(at(net.layers, 1), w1);
  net.getLayer('second').setWeights([tf.tensor2d([1, 1, 2, -1], [2, 2])]);
  net.getLayer('side').setWeights([tf.tensor2d([1, 0, 2, 0, 1, 1], [2, 3])]);
  const sample = tf.tensor2d([[1, 2, 3]]);
  afterAll(() => tf.dispose(sample));
  // first = [1 + 6, 2 + 2 - 3] = [7, 1]; second = [7 + 2, 7 - 1] = [9, 6]; side = [7, 1, 15] before its softmax.

  test('an output by name or position', async () => {
    for (const output of ['side', 1]) {
      const explanation = explain(net, sample, 'epsilon', { target: { output, unit: 2 } });
      expect(await numbers(explanation.target.scores)).toEqual([15]);
      expect(explanation.target).toMatchObject({ place: 'output "side"', quantity: 'logit' });
      // Relevance at first: [14, 1]; at x_i: Σ_j x_i w_ij R_j / z_j.
      expectNumbersClose(await numbers(at(explanation.inputs, 0).relevance), [2 + 2, 0 + 2, 12 - 3]);
      expect(explanation.outputs.map(({ name, link }) => [name, link])).toEqual([
        ['second', null],
        ['side', 'softmax'],
      ]);
      expect(await numbers(at(explanation.outputs, 0).value)).toEqual([9, 6]);
      expect(await numbers(at(explanation.outputs, 1).value)).toEqual([7, 1, 15]);
      // The other branch has no part in it.
      expect(await numbers(explanation.layer('second').output)).toEqual([0, 0]);
      explanation.dispose();
    }
  });

  test('the strongest unit of a named output', async () => {
    const explanation = explain(net, sample, 'epsilon', { target: { output: 'second' } });
    expect(await numbers(explanation.target.scores)).toEqual([9]);
    expect(explanation.target.quantity).toBe('score');
    explanation.dispose();
  });

  test('an inner layer: what comes after it is not reached', async () => {
    const explanation = explain(net, sample, 'epsilon', { target: { layer: 'first', unit: 1 } });
    expect(explanation.target).toMatchObject({ place: 'layer "first"', quantity: 'score' });
    expect(await numbers(explanation.target.scores)).toEqual([1]);
    expectNumbersClose(await numbers(at(explanation.inputs, 0).relevance), [2, 2, -3]);
    expectNumbersClose(await numbers(explanation.layer('first').output), [0, 1]);
    expect(await numbers(explanation.layer('second').output)).toEqual([0, 0]);
    expect(await numbers(explanation.layer('second').inputs[0] ?? tf.scalar(1))).toEqual([0, 0]);
    expect((await explanation.conservation()).rows.map((row) => row.address)).toEqual(['first']);
    explanation.dispose();
  });

  test('an inner layer, its strongest unit, a channel, a start of one', async () => {
    const strongest = explain(net, sample, 'epsilon', { target: { layer: 'first' } });
    expect(await numbers(strongest.target.scores)).toEqual([7]);
    const channel = explain(net, sample, 'epsilon', { target: { layer: 'first', channel: 1 }, start: 'one' });
    expectNumbersClose(await numbers(at(channel.inputs, 0).relevance), [2, 2, -3]);
    expect(await numbers(channel.target.relevance)).toEqual([0, 1]);
    strongest.dispose();
    channel.dispose();
  });

  test('the input itself', async () => {
    const explanation = explain(net, sample, 'epsilon', { target: { layer: 'x', unit: 'all' } });
    expect(await numbers(at(explanation.inputs, 0).relevance)).toEqual([1, 2, 3]);
    expect((await explanation.conservation()).rows).toEqual([]);
    explanation.dispose();
    expect(sample.isDisposed).toBe(false);
  });

  test('one call of a shared layer, by address', async () => {
    const shared = tfl.layers.dense({ units: 3, useBias: false, name: 'shared' });
    const a = tfl.input({ shape: [3], name: 'a' });
    const twice = tfl.model({ inputs: a, outputs: apply(shared, apply(shared, a)) });
    setWeights(shared, [
      [2, 0, 0],
      [0, 3, 0],
      [0, 0, 4],
    ]);
    for (const [layer, score] of [
      ['shared#1', 18],
      ['shared#0', 6],
    ] as const) {
      const explanation = explain(twice, sample, 'epsilon', { target: { layer, unit: 1 } });
      expect(await numbers(explanation.target.scores)).toEqual([score]);
      expect(explanation.target.place).toBe(`layer "${layer}"`);
      explanation.dispose();
    }
    const error = await errorOf(() => explain(twice, sample, 'epsilon', { target: { layer: 'shared' } }));
    expect(error.message).toMatchInlineSnapshot(
      `"Layer "shared" is called 2 times: "shared#0" and "shared#1". Give one of these addresses."`,
    );
  });

  test('an outer layer and a nested one of the same name', async () => {
    const inner = tfl.input({ shape: [3], name: 'in' });
    const nested = tfl.model({
      inputs: inner,
      outputs: apply(tfl.layers.dense({ units: 3, name: 'dense', useBias: false }), inner),
      name: 'enc',
    });
    const outer = tfl.input({ shape: [3], name: 'x2' });
    const both = tfl.model({
      inputs: outer,
      outputs: apply(tfl.layers.dense({ units: 2, name: 'dense', useBias: false }), apply(nested, outer)),
    });
    nested.setWeights([tf.eye(3)]);
    const identity = explain(both, sample, 'epsilon', { target: { layer: 'enc#0/dense', unit: 2 } });
    expect(await numbers(identity.target.scores)).toEqual([3]);
    identity.dispose();
    const error = await errorOf(() => explain(both, sample, 'epsilon', { target: { layer: 'dense' } }));
    expect(error.message).toMatchInlineSnapshot(
      `"Layer "dense" is called 2 times: "enc/dense#0" and "dense#0". Give one of these addresses."`,
    );
    // What the message offers works.
    for (const layer of ['dense#0', 'enc/dense']) explain(both, sample, 'epsilon', { target: { layer } }).dispose();
  });
});

test('the link function that is set aside is named, and what is explained is its score', async () => {
  for (const [activation, link] of [
    ['softmax', 'softmax'],
    ['sigmoid', 'sigmoid'],
    ['relu', null],
  ] as const) {
    const net = tfl.sequential({
      layers: [tfl.layers.dense({ units: 4, inputShape: [3], useBias: false, activation, name: 'p' })],
    });
    setWeights(at(net.layers, 0), KERNEL);
    const explanation = explain(net, x, 'epsilon', { target: 0 });
    expect(explanation.target.quantity).toBe(link ? 'logit' : 'score');
    // The same by the name of the layer.
    const named = explain(net, x, 'epsilon', { target: { layer: 'p', unit: 0 } });
    expect(named.target).toMatchObject({ place: 'layer "p"', quantity: explanation.target.quantity });
    expect(await numbers(named.target.scores)).toEqual(await numbers(explanation.target.scores));
    named.dispose();
    expect(at(explanation.outputs, 0).link).toBe(link);
    expect(await numbers(explanation.target.scores)).toEqual(link ? [6, -1] : [6, 0]);
    const kept = explain(net, x, 'epsilon', { target: 0, canonize: { links: false } });
    expect(at(kept.outputs, 0).link).toBeNull();
    expect(kept.target.quantity).toBe('score');
    const probability = await numbers(kept.target.scores);
    if (link === 'sigmoid') expectNumbersClose(probability, [1 / (1 + Math.exp(-6)), 1 / (1 + Math.E)]);
    if (link === 'softmax') {
      const exps = SCORES.map((row) => row.map(Math.exp));
      expectNumbersClose(
        probability,
        exps.map((row) => at(row, 0) / row.reduce((a, b) => a + b)),
      );
    }
    kept.dispose();
    explanation.dispose();
  }
});

test('a positive seed takes negative start values for zero', async () => {
  const net = tfl.sequential({ layers: [tfl.layers.dense({ units: 4, inputShape: [3], useBias: false })] });
  setWeights(at(net.layers, 0), KERNEL);
  const explanation = explain(net, x, 'deep-taylor', { target: 'all' });
  // webgl writes the zeros of a ReLU as -0.
  const relevance = (await numbers(explanation.target.relevance)).map((value) => value + 0);
  expect(relevance).toEqual([6, 0, 0, 7, 0, 1, 14, 5]);
  expect(await numbers(explanation.target.scores)).toEqual([8, 19]);
  explanation.dispose();
});

describe('targets that do not fit', () => {
  const mapModel = tfl.sequential({
    layers: [tfl.layers.conv2d({ filters: 3, kernelSize: 1, inputShape: [2, 2, 1], name: 'map' })],
  });
  const pixels = tf.ones([1, 2, 2, 1]);
  const twoHeads = (() => {
    const input = tfl.input({ shape: [3], name: 'in' });
    const heads = ['left', 'right'].map((name) => apply(tfl.layers.dense({ units: 2, name }), input));
    return tfl.model({ inputs: input, outputs: heads });
  })();
  const lone = tfl.sequential({ layers: [tfl.layers.dense({ units: 1, inputShape: [3], name: 'one' })] });
  const dead = tf.tensor1d([1, 0, 0, 0]);
  dead.dispose();
  const wrong = tf.ones([3, 4]);
  const right = tf.ones([2, 4]);
  afterAll(() => tf.dispose([pixels, wrong, right]));
  // Also what the types forbid: the library is used from JavaScript as well.
  const cases: [string, tfl.LayersModel, unknown, unknown, string][] = [
    ['a unit out of range', model, 4, undefined, 'There is no unit 4 at output "scores". Allowed: 0 to 3.'],
    ['a negative unit', model, -1, undefined, 'There is no unit -1 at output "scores". Allowed: 0 to 3.'],
    ['a fraction', model, 1.5, undefined, 'There is no unit 1.5 at output "scores". Allowed: 0 to 3.'],
    ['no number', model, Number.NaN, undefined, 'There is no unit NaN at output "scores". Allowed: 0 to 3.'],
    [
      'a unit per sample out of range',
      model,
      [0, 9],
      undefined,
      'There is no unit 9 at output "scores". Allowed: 0 to 3.',
    ],
    [
      'too many units',
      model,
      [0, 1, 2],
      undefined,
      '3 targets for a batch of 2 at output "scores". Give one per sample, or one number for all.',
    ],
    [
      'no unit',
      model,
      [],
      undefined,
      '0 targets for a batch of 2 at output "scores". Give one per sample, or one number for all.',
    ],
    [
      'numbers and tuples',
      model,
      [0, [1]],
      undefined,
      'The target at output "scores" mixes numbers and tuples, or is empty: [0,[1]].',
    ],
    [
      'a tuple too long',
      model,
      [
        [0, 1],
        [0, 1],
      ],
      undefined,
      'There is no unit [0, 1] at output "scores". Expected 1 indices below [4].',
    ],
    [
      'a text',
      model,
      'cat',
      undefined,
      `The target at output "scores" is "cat". Expected a unit, a list of units, a tensor, contrast(a, b), a function or 'all'.`,
    ],
    [
      'null',
      model,
      null,
      undefined,
      `The target at output "scores" is null. Expected a unit, a list of units, a tensor, contrast(a, b), a function or 'all'.`,
    ],
    [
      'a typed array',
      model,
      Int32Array.of(0, 1),
      undefined,
      `The target at output "scores" is of type Int32Array; use Array.from(...). Expected a unit, a list of units, a tensor, contrast(a, b), a function or 'all'.`,
    ],
    [
      'a key that is unknown',
      model,
      { class: 3 },
      undefined,
      'A target has no "class". Expected some of {output, layer, unit, channel}.',
    ],
    [
      'a unit that is null',
      model,
      { unit: null },
      undefined,
      `The target at output "scores" is null. Expected a unit, a list of units, a tensor, contrast(a, b), a function or 'all'.`,
    ],
    [
      'a contrast out of range',
      model,
      contrast(0, 7),
      undefined,
      'There is no unit 7 at output "scores". Allowed: 0 to 3.',
    ],
    [
      'a contrast with nothing',
      lone,
      contrast(0),
      undefined,
      'contrast(0) needs other units to compare with; output "one" has only one.',
    ],
    [
      'a tensor of another shape',
      model,
      wrong,
      undefined,
      'The target at output "scores" has shape [3, 4], expected [2, 4] or one sample of it.',
    ],
    [
      'a disposed tensor',
      model,
      dead,
      undefined,
      'The target at output "scores" is a disposed tensor. Expected a tensor of shape [2, 4], or one sample of it.',
    ],
    [
      'a function that answers no tensor',
      model,
      () => 3,
      undefined,
      'The target at output "scores" is no tensor: received 3. Expected a tensor of shape [2, 4], or one sample of it.',
    ],
    [
      'a function that answers another shape',
      model,
      () => tf.ones([7]),
      undefined,
      'The target at output "scores" has shape [7], expected [2, 4] or one sample of it.',
    ],
    [
      'a number for a map',
      mapModel,
      1,
      undefined,
      'A single number names no unit of output "map", which is a map of shape [1, 2, 2, 3]. Give an index tuple, a mask tensor, or {channel: n}.',
    ],
    [
      'a tuple out of range',
      mapModel,
      [0, 2, 0],
      undefined,
      'There is no unit [0, 2, 0] at output "map". Expected 3 indices below [2, 2, 3].',
    ],
    [
      'a tuple too short',
      mapModel,
      [[0, 1]],
      undefined,
      'There is no unit [0, 1] at output "map". Expected 3 indices below [2, 2, 3].',
    ],
    [
      'a channel out of range',
      mapModel,
      { channel: 3 },
      undefined,
      'There is no channel 3 at output "map". Allowed: 0 to 2.',
    ],
    [
      'a channel and a unit',
      mapModel,
      { channel: 1, unit: [0, 0, 1] },
      undefined,
      'A channel at output "map" goes with no unit or with a mask tensor, received [0,0,1].',
    ],
    [
      'no output named',
      twoHeads,
      1,
      undefined,
      `The model has 2 outputs: "left" and "right". Say which, such as {output: 'left', unit: 0}.`,
    ],
    [
      'no target at all for two outputs',
      twoHeads,
      undefined,
      undefined,
      `The model has 2 outputs: "left" and "right". Say which, such as {output: 'left', unit: 0}.`,
    ],
    [
      'an unknown output',
      twoHeads,
      { output: 'centre' },
      undefined,
      'The model has no output "centre". It has "left" and "right" (0 to 1).',
    ],
    [
      'an output out of range',
      twoHeads,
      { output: 2 },
      undefined,
      'The model has no output 2. It has "left" and "right" (0 to 1).',
    ],
    [
      'an unknown layer',
      twoHeads,
      { layer: 'lefd' },
      undefined,
      'The model has no layer "lefd". Nearest: "left", "in" and "right".',
    ],
    [
      'output and layer',
      twoHeads,
      { output: 0, layer: 'left' },
      undefined,
      'A target starts at an output or at a layer, not both. Leave one of {output, layer} out.',
    ],
    [
      'a start of another shape',
      model,
      undefined,
      wrong,
      'The start value at output "scores" has shape [3, 4], expected [2, 4] or one sample of it.',
    ],
    [
      'a start that is no tensor',
      model,
      undefined,
      [1, 0, 0, 0],
      'The start value at output "scores" is no tensor: received [1,0,0,0]. Expected a tensor of shape [2, 4], or one sample of it.',
    ],
    [
      'a start tensor and a unit',
      model,
      0,
      right,
      'A start tensor at output "scores" says itself which units are meant. Leave the unit or channel of the target out.',
    ],
    [
      'a start that is unknown',
      model,
      0,
      'ones',
      `The start value at output "scores" is "ones". Expected 'score', 'one' or a tensor.`,
    ],
  ];
  const inputOf = (net: tfl.LayersModel) => (net === mapModel ? pixels : x);
  test.each(cases)('%s', async (_what, net, target, start, message) => {
    const options = {
      ...(target === undefined ? {} : { target: target as Target }),
      ...(start ? { start: start as StartValue } : {}),
    };
    const error = await errorOf(() => explain(net, inputOf(net), 'epsilon', options));
    expect(error).toMatchObject({ name: 'TargetError', code: 'target', message });
  });

  test('an error inside a function of the output goes up as it is, and nothing is left', async () => {
    const error = await errorOf(() =>
      explain(model, x, 'epsilon', {
        target: (output) => {
          tf.add(output, 1);
          throw new Error('mine');
        },
      }),
    );
    expect(error.message).toBe('mine');
  });
});
