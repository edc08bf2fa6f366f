// Where a layer is large, the negative sum of its contributions is found by subtraction, not by a pass of its own.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { alphaBeta, type BiasMode, plan } from '../../src/index.js';
import { at, random } from '../layers/reproduce.js';
import { expectElements, grid, numbers } from './compare.js';
import { alphaBetaLiteral, convConnections, shareLiterally } from './literal.js';

const [CHANNELS, FILTERS, SIZE] = [12, 24, 3];

/** A convolution of `width · width · 12 · 24 · 9` multiply-adds behind a ReLU. */
function reluConv(width: number, kernel: number[], bias: number[]): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      tfl.layers.reLU({ inputShape: [width, width, CHANNELS] }),
      tfl.layers.conv2d({
        filters: FILTERS,
        kernelSize: SIZE,
        padding: 'same',
        weights: [tf.tensor4d(kernel, [SIZE, SIZE, CHANNELS, FILTERS]), tf.tensor1d(bias)],
      }),
    ],
  });
}

/** Some filters have weights of one sign only, so that one of their two sums is empty but for the bias. */
function oneSided(w: number, index: number): number {
  const filter = index % FILTERS;
  if (filter === 1) return Math.abs(w);
  return filter === 2 ? -Math.abs(w) : w;
}

const uniform = (seed: number, size: number) => {
  const next = random(seed);
  // What float32 makes of them, so that both sides start from the same numbers.
  return [...Float32Array.from({ length: size }, () => next())];
};

const KERNEL_SIZE = SIZE * SIZE * CHANNELS * FILTERS;
const NUMBERS: [string, (seed: number, size: number) => number[]][] = [
  ['numbers whose sums are exact', grid],
  ['any numbers', uniform],
];

describe.each(NUMBERS)('%s', (_name, make) => {
  const kernel = make(1, KERNEL_SIZE).map(oneSided);
  const bias = make(2, FILTERS);

  test.each<BiasMode>(['absorb', 'ignore', 'distribute'])('alpha-beta, bias %s', async (mode) => {
    const width = 30; // 2.3 million multiply-adds
    const model = reluConv(width, kernel, bias);
    const x = make(3, width * width * CHANNELS);
    const received = make(4, width * width * FILTERS);
    const planned = plan(model, alphaBeta(2, 1), { bias: mode });
    const explanation = planned.explain(tf.tensor(x, [1, width, width, CHANNELS]), {
      start: tf.tensor(received, [1, width, width, FILTERS]),
    });
    const units = convConnections([width, width, CHANNELS], SIZE, FILTERS, kernel, bias, {
      stride: 1,
      dilation: 1,
      padding: 'same',
    });
    const expected = shareLiterally(
      units,
      x.map((value) => Math.max(value, 0)),
      received,
      alphaBetaLiteral(2, 1),
      { bias: mode },
    );
    // Relevance at the output of the ReLU, where a difference at a unit that is silent would still show.
    const relevance = at(explanation.layer(at(planned.rows, 1).address).outputs, 0);
    expectElements(await numbers(relevance), expected.values, expected.sizes);
    explanation.dispose();
    planned.dispose();
  });
});

test('it spares the kernel of the second pass', () => {
  const [kernel, bias] = [grid(1, KERNEL_SIZE), grid(2, FILTERS)];
  const made = (width: number) => {
    const planned = plan(reluConv(width, kernel, bias), alphaBeta(2, 1));
    planned.explain(tf.ones([1, width, width, CHANNELS]), { target: 'all' }).dispose();
    const count = planned.derived.made;
    planned.dispose();
    return count;
  };
  expect(made(30)).toBe(made(8) - 1);
});
