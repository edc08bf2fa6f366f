// Where a layer is large, the second of two sums that give the pre-activation, or a multiple of it, is found by subtraction,
// not by a pass of its own.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { alphaBeta, type BiasMode, gamma, type LinearRule, linearRule, plan } from '../../src/index.js';
import { at, random } from '../layers/reproduce.js';
import { expectElements, grid, numbers } from './compare.js';
import {
  alphaBetaLiteral,
  convConnections,
  epsilonLiteral,
  gammaLiteral,
  type LiteralRule,
  shareLiterally,
} from './literal.js';

const [CHANNELS, FILTERS, SIZE] = [12, 24, 3];

/** A convolution of `width · width · 12 · 24 · 9` multiply-adds behind a ReLU, or behind what lets signs pass. */
function convBehind(first: 'relu' | 'linear', width: number, kernel: number[], bias: number[]): tfl.LayersModel {
  return tfl.sequential({
    layers: [
      tfl.layers.activation({ activation: first, inputShape: [width, width, CHANNELS] }),
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

  /** Explains with a rule and compares what the convolution passes down. */
  async function expectLiteral(
    first: 'relu' | 'linear',
    rule: LinearRule,
    literal: LiteralRule,
    mode: BiasMode,
  ): Promise<void> {
    const width = 30; // 2.3 million multiply-adds
    const model = convBehind(first, width, kernel, bias);
    const x = make(3, width * width * CHANNELS);
    const received = make(4, width * width * FILTERS);
    const planned = plan(model, rule, { bias: mode });
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
      first === 'relu' ? x.map((value) => Math.max(value, 0)) : x,
      received,
      literal,
      { bias: mode },
    );
    // Relevance at the output of the ReLU, where a difference at a unit that is silent would still show.
    const relevance = at(explanation.layer(at(planned.rows, 1).address).outputs, 0);
    expectElements(await numbers(relevance), expected.values, expected.sizes);
    const ledger = await explanation.conservation();
    expect(ledger.verdict, `${ledger}`).toBe('closed');
    explanation.dispose();
    planned.dispose();
  }

  const modes: BiasMode[] = ['absorb', 'ignore', 'distribute'];

  test.each(modes)('alpha-beta, bias %s', async (mode) => {
    await expectLiteral('relu', alphaBeta(2, 1), alphaBetaLiteral(2, 1), mode);
  });

  test.each(modes)('gamma, outputs of both signs, bias %s', async (mode) => {
    await expectLiteral('relu', gamma(0.25), gammaLiteral(0.25), mode);
  });

  test.each(modes)('gamma, inputs and outputs of both signs, bias %s', async (mode) => {
    await expectLiteral('linear', gamma(0.25), gammaLiteral(0.25), mode);
  });

  // Halves of a sum near zero lose digits of any numbers, whoever adds them up.
  if (make === grid)
    test('two halves of a rule have sums of either sign', async () => {
      const half = { positive: 0.5, negative: 0.5 };
      const share = { weight: 0.5, terms: [{ input: 'all', kernel: half, bias: half }] } as const;
      // z/2 + ε is half of z + 2ε.
      await expectLiteral('linear', linearRule('halves', {}, [share, share]), epsilonLiteral(2e-6), 'absorb');
    });
});

const WEIGHTS = [grid(1, KERNEL_SIZE), grid(2, FILTERS)] as const;

test('it spares the kernel of the second pass', () => {
  const made = (width: number) => {
    const planned = plan(convBehind('relu', width, ...WEIGHTS), alphaBeta(2, 1));
    planned.explain(tf.ones([1, width, width, CHANNELS]), { target: 'all' }).dispose();
    const count = planned.derived.made;
    planned.dispose();
    return count;
  };
  expect(made(30)).toBe(made(8) - 1);
});

test.each([
  // One pass of a changed kernel for both signs; small layers take one for each, of each sign of the input.
  ['relu', 1, 2],
  ['linear', 1, 4],
] as const)('gamma takes one pass for outputs of both signs, behind %s', (first, large, small) => {
  const forward = (width: number) => {
    const planned = plan(convBehind(first, width, ...WEIGHTS), gamma(0.25));
    const { steps } = planned.cost();
    planned.dispose();
    return Math.max(...steps.map((step) => step.forward));
  };
  expect([forward(30), forward(8)]).toEqual([large, small]);
});
