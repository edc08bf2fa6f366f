// The link function at an output is set aside, so that the score before it is explained.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { canonize } from '../../src/canonize/canonize.js';
import { plan } from '../../src/index.js';
import { apply, at, expectClose, predict, randomizeWeights, randomTensor } from '../explanation/tools.js';
import { lowered, runSteps } from '../layers/reproduce.js';

const { layers } = tfl;
const dense = (config: Partial<Parameters<typeof layers.dense>[0]> = {}) =>
  layers.dense({ units: 6, name: 'head', ...config });
const SET_ASIDE = 'set aside: the score before it is explained';

function chain(...list: tfl.layers.Layer[]): tfl.LayersModel {
  const inputs = tfl.input({ shape: [4], name: 'x' });
  const outputs = list.reduce((y: tfl.SymbolicTensor, layer) => apply(layer, y), inputs);
  return withWeights(tfl.model({ inputs, outputs }));
}

function withWeights(model: tfl.LayersModel): tfl.LayersModel {
  randomizeWeights(model, 4);
  return model;
}

const rowOf = (model: tfl.LayersModel, address: string, links = true) =>
  plan(model, 'epsilon', { canonize: { links } }).rows.find((row) => row.address === address);

/** The links set aside; outputs of the graph, sent through `link` each, are those of the model. */
async function linksOf(model: tfl.LayersModel, link: (y: tf.Tensor) => tf.Tensor, links?: boolean) {
  const x = randomTensor([3, 4], 9);
  const low = lowered(model);
  const state = canonize(low.graph, links === undefined ? {} : { links });
  const scores = runSteps({ ...low, graph: state.graph }, [x]);
  const expected = predict(model, [x]);
  for (const [index, score] of scores.entries()) {
    const linked = tf.tidy(() => tf.clone(link(score)));
    await expectClose(linked, at(expected, index));
    linked.dispose();
  }
  tf.dispose([x, ...scores, ...expected]);
  return state.links;
}

// The types of tfjs do not list logSoftmax, which it has.
const LINKS: ['softmax' | 'sigmoid', string, (y: tf.Tensor) => tf.Tensor][] = [
  ['softmax', 'softmax', (y) => tf.softmax(y)],
  ['sigmoid', 'sigmoid', (y) => tf.sigmoid(y)],
  ['logSoftmax' as 'softmax', 'log-softmax', (y) => tf.logSoftmax(y)],
];

describe.each(LINKS)('%s', (activation, link, formula) => {
  test('fused', async () => {
    const model = chain(dense({ activation }));
    expect(await linksOf(model, formula)).toEqual([link]);
    expect(rowOf(model, 'head:activation')).toMatchObject({ rule: '-', because: SET_ASIDE, notes: [] });
  });

  test('an Activation layer', async () => {
    const model = chain(dense(), layers.activation({ activation, name: 'link' }));
    expect(await linksOf(model, formula)).toEqual([link]);
    expect(rowOf(model, 'link')).toMatchObject({ rule: '-', because: SET_ASIDE });
  });

  test('left where links: false', async () => {
    const model = chain(dense({ activation }));
    expect(await linksOf(model, (y) => y, false)).toEqual([null]);
    expect(rowOf(model, 'head:activation', false)?.rule).not.toBe('-');
  });

  test('inside the network it stays', async () => {
    const model = chain(dense({ activation }), layers.dense({ units: 2, name: 'after' }));
    expect(await linksOf(model, (y) => y)).toEqual([null]);
  });
});

test('a Softmax layer', async () => {
  const model = chain(dense(), layers.softmax({ name: 'link' }));
  expect(await linksOf(model, (y) => tf.softmax(y))).toEqual(['softmax']);
});

test('behind steps that only move elements', async () => {
  const moved = [layers.reshape({ targetShape: [2, 3], name: 'a' }), layers.permute({ dims: [2, 1], name: 'b' })];
  const model = chain(dense({ activation: 'softmax' }), ...moved);
  const formula = (y: tf.Tensor) => {
    const flat = tf.reshape(tf.transpose(y, [0, 2, 1]), [-1, 6]);
    return tf.transpose(tf.reshape(tf.softmax(flat), [-1, 2, 3]), [0, 2, 1]);
  };
  expect(await linksOf(model, formula)).toEqual(['softmax']);
  expect(rowOf(model, 'head:activation')?.because).toBe(SET_ASIDE);
});

test('behind steps that lose or double elements it stays', async () => {
  const model = chain(dense({ activation: 'softmax' }), layers.repeatVector({ n: 2, name: 'twice' }));
  expect(await linksOf(model, (y) => y)).toEqual([null]);
});

test('only links: tanh and ReLU stay', async () => {
  for (const activation of ['tanh', 'relu'] as const) {
    expect(await linksOf(chain(dense({ activation })), (y) => y)).toEqual([null]);
  }
});

test('only the last of two', async () => {
  const model = chain(dense({ activation: 'sigmoid' }), layers.softmax({ name: 'link' }));
  expect(await linksOf(model, (y) => tf.softmax(y))).toEqual(['softmax']);
  expect(rowOf(model, 'head:activation')?.rule).toBe('pass');
});

describe('several outputs', () => {
  const two = (
    outputs: (x: tfl.SymbolicTensor) => tfl.SymbolicTensor[],
    inputs = tfl.input({ shape: [4], name: 'x' }),
  ) => withWeights(tfl.model({ inputs, outputs: outputs(inputs) }));

  test('each has its own link or none', () => {
    const model = two((x) => [
      apply(dense({ name: 'p', activation: 'softmax' }), x),
      apply(dense({ name: 'q' }), x),
      apply(dense({ name: 'r', activation: 'sigmoid' }), x),
    ]);
    expect(canonize(lowered(model).graph).links).toEqual(['softmax', null, 'sigmoid']);
  });

  test('two views of one link', async () => {
    const model = two((x) => {
      const head = apply(dense({ activation: 'sigmoid' }), x);
      return [head, apply(layers.reshape({ targetShape: [3, 2] }), head)];
    });
    expect(await linksOf(model, (y) => tf.sigmoid(y))).toEqual(['sigmoid', 'sigmoid']);
  });

  test('read by another layer too: not set aside, and the row says so', async () => {
    const model = two((x) => {
      const head = apply(dense({ activation: 'softmax' }), x);
      return [head, apply(layers.dense({ units: 2, name: 'next' }), head)];
    });
    expect(await linksOf(model, (y) => y)).toEqual([null, null]);
    expect(rowOf(model, 'head:activation')).toMatchObject({
      rule: expect.stringMatching(/^softmax/),
      notes: ['not set aside: "next" read it too, so probabilities are explained'],
    });
  });
});
