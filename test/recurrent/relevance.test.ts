// Relevance through recurrent models: accounts, masks, batches, tensors, long sequences.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { explain, explainAsync, halfSplit, PlanError, type Progress, plan, presetNames } from '../../src/index.js';
import { apply, errorOf, expectClose, numbers, randomizeWeights, tensorCount } from '../explanation/tools.js';
import { at, randomTensor } from '../layers/reproduce.js';
import { cell, KINDS, recurrent, withGaps } from './models.js';

const [TIMES, FEATURES] = [6, 3];

type Make = () => tfl.layers.Layer;

const LAYERS: readonly (readonly [string, Make])[] = [
  ...KINDS.map((kind) => [kind, () => recurrent(kind, { units: 4 })] as const),
  ['backwards', () => recurrent('lstm', { units: 4, goBackwards: true })],
  ['stacked cells', () => tfl.layers.rnn({ cell: [cell('lstm', { units: 4 }), cell('gru', { units: 3 })] })],
  ['bidirectional', () => tfl.layers.bidirectional({ layer: recurrent('gru', { units: 3 }), mergeMode: 'ave' })],
];

/** Masking, the layer, Dense with softmax. */
function classifier(layer: tfl.layers.Layer, times = TIMES): tfl.LayersModel {
  const model = tfl.sequential({
    layers: [
      tfl.layers.masking({ inputShape: [times, FEATURES] }),
      layer,
      tfl.layers.dense({ units: 3, activation: 'softmax' }),
    ],
  });
  randomizeWeights(model);
  return model;
}

async function largestPerStep(relevance: tf.Tensor): Promise<number[]> {
  const largest = tf.tidy(() => tf.max(tf.abs(relevance), 2));
  const values = await numbers(largest);
  largest.dispose();
  return values;
}

describe.each(LAYERS)('%s', (_name, make) => {
  test('the ledger closes, masked steps earn exactly nothing, tensors end', async () => {
    const model = classifier(make());
    const x = withGaps(randomTensor([2, TIMES, FEATURES]));
    const before = tensorCount();
    const explanation = explain(model, x);
    const ledger = await explanation.conservation();
    expect(ledger.worst?.relativeResidual).toBeLessThan(1e-5);
    const perStep = await largestPerStep(at(explanation.inputs, 0).relevance);
    const masked = [0, 2, 2 * TIMES - 1];
    expect(perStep.map((value) => value === 0)).toEqual(perStep.map((_, row) => masked.includes(row)));
    explanation.dispose();
    expect(tensorCount()).toBe(before);
    for (const disposable of [model, x]) disposable.dispose();
  });

  test('a batch of three is three times one', async () => {
    const model = classifier(make());
    const samples = [1, 2, 3].map((seed) => withGaps(randomTensor([1, TIMES, FEATURES], seed)));
    const x = tf.concat(samples);
    const together = explain(model, x, 'recurrent');
    const alone = samples.map((sample) => explain(model, sample, 'recurrent'));
    const expected = tf.concat(alone.map((one) => at(one.inputs, 0).relevance));
    await expectClose(at(together.inputs, 0).relevance, expected);
    for (const disposable of [together, ...alone, ...samples, x, expected, model]) disposable.dispose();
  });
});

/** Rules of the weighted steps of a first and a second recurrent layer, where they are not ε = 1e-6. */
const WEIGHTED: Readonly<Partial<Record<string, readonly [first: RegExp, others: RegExp]>>> = {
  'epsilon-plus-flat': [/^flat/, /^epsilon/],
  'epsilon-alpha2-beta1-flat': [/^flat/, /^epsilon/],
  'excitation-backprop': [/^z-plus/, /^z-plus/],
  recurrent: [/^epsilon\(epsilon=0.001\)/, /^epsilon\(epsilon=0.001\)/],
  'preset-a': [/^epsilon\(epsilon=0.1\)/, /^epsilon\(epsilon=0.1\)/],
  'preset-a-flat': [/^flat/, /^epsilon\(epsilon=0.1\)/],
  'preset-b': [/^epsilon\(epsilon=0.1\)/, /^epsilon\(epsilon=0.1\)/],
  'preset-b-flat': [/^flat/, /^epsilon\(epsilon=0.1\)/],
};

describe('presets', () => {
  test.each(presetNames)('%s', async (preset) => {
    const model = tfl.sequential({
      layers: [
        recurrent('gru', { units: 4, returnSequences: true, inputShape: [TIMES, FEATURES], name: 'first' }),
        recurrent('lstm', { units: 4, name: 'second' }),
        tfl.layers.dense({ units: 3, name: 'out' }),
      ],
    });
    randomizeWeights(model);
    if (preset === 'deep-taylor' || preset === 'bounded-deep-taylor') {
      expect(() => plan(model, preset)).toThrow(PlanError);
      return;
    }
    const x = randomTensor([2, TIMES, FEATURES]);
    const explanation = explain(model, x, preset);
    const ledger = await explanation.conservation();
    expect(ledger.worst?.relativeResidual).toBeLessThan(1e-5);
    const ruleAt = (address: string) => explanation.plan.rows.find((row) => row.address === address)?.rule ?? '';
    const [first, others] = WEIGHTED[preset] ?? [/^epsilon\(epsilon=1e-6\)/, /^epsilon\(epsilon=1e-6\)/];
    expect(ruleAt('first:candidate')).toMatch(first);
    for (const address of ['second:candidate', 'second:forget_gate']) expect(ruleAt(address)).toMatch(others);
    expect(ruleAt('second:kept')).toBe('signal-take-all');
    expect(ruleAt('second:cell')).toMatch(preset === 'recurrent' ? /^norm\(stabilizer=0.001\)/ : /^norm/);
    for (const disposable of [explanation, model, x]) disposable.dispose();
  });

  test('of attention leave gates to their signals, in wrappers and models inside too', () => {
    const words = tfl.input({ shape: [4, 2] });
    const gru = recurrent('gru', { units: 2, returnSequences: true }) as tfl.RNN;
    const read = apply(tfl.layers.bidirectional({ layer: gru, mergeMode: 'concat' }), words);
    const scores = apply(tfl.layers.dot({ axes: [2, 2] }), [read, read]);
    const encoder = tfl.model({ inputs: words, outputs: apply(tfl.layers.flatten(), scores) });
    const each = tfl.layers.timeDistributed({ layer: encoder as unknown as tfl.layers.Layer, inputShape: [3, 4, 2] });
    const model = tfl.sequential({ layers: [each, recurrent('lstm', { units: 2 })] });
    const made = plan(model, 'attn-lrp');
    const rulesOf = (step: string) => new Set(made.rows.filter((row) => row.step === step).map(({ rule }) => rule));
    expect(rulesOf('multiply')).toEqual(new Set(['signal-take-all']));
    expect(rulesOf('dot')).toEqual(new Set(['uniform(stabilizer=1e-8)']));
    expect(made.rows.find((row) => row.step === 'multiply')?.because).toBe('any recurrent layer');
    for (const disposable of [made, model]) disposable.dispose();
  });

  test('gates of one layer by another rule, the preset elsewhere', () => {
    const model = classifier(recurrent('lstm', { units: 4, name: 'memory' }));
    const made = plan(model, { memory: halfSplit() });
    const products = made.rows.filter((row) => row.step === 'multiply');
    expect(products.map((row) => row.rule)).toEqual(['half', 'half', 'half']);
    for (const disposable of [made, model]) disposable.dispose();
  });
});

describe('a layer inside a wrapper', () => {
  const wrapped = () =>
    tfl.sequential({
      layers: [
        tfl.layers.bidirectional({
          layer: recurrent('lstm', { units: 2 }) as tfl.RNN,
          mergeMode: 'concat',
          name: 'both',
          inputShape: [TIMES, FEATURES],
        }),
        tfl.layers.dense({ units: 3 }),
      ],
    });

  test.each(['Bidirectional', 'LSTM', 'LSTMCell', 'both'])('takes rules by %s', (match) => {
    const model = wrapped();
    const made = plan(model, { [match]: halfSplit() });
    const products = made.rows.filter((row) => row.step === 'multiply');
    expect(products.map((row) => row.rule)).toEqual(new Array(6).fill('half'));
    for (const disposable of [made, model]) disposable.dispose();
  });

  test('takes a rule by itself', () => {
    const model = wrapped();
    const { backwardLayer } = model.getLayer('both') as unknown as { readonly backwardLayer: tfl.layers.Layer };
    const made = plan(model, new Map([[backwardLayer, halfSplit()]]));
    const half = made.rows.filter((row) => row.rule === 'half').map((row) => row.address);
    expect(half).toEqual(['both:backward.kept', 'both:backward.written', 'both:backward.hidden']);
    for (const disposable of [made, model]) disposable.dispose();
  });
});

test('states that nearly cancel are rounding inside a scan, and no hole in its account', async () => {
  const layer = recurrent('simpleRNN', { units: 2, activation: 'linear', useBias: false, inputShape: [2, 1] });
  const model = tfl.sequential({ layers: [layer, tfl.layers.dense({ units: 1, useBias: false })] });
  const cancelling = 0.9997;
  model.setWeights([
    tf.tensor2d([[1, -cancelling]]),
    tf.tensor2d([
      [1, 0],
      [1, 0],
    ]),
    tf.tensor2d([[1], [0]]),
  ]);
  const x = tf.tensor3d([[[1], [0]]]);
  const explanation = explain(model, x, 'epsilon');
  const { rows, verdict } = await explanation.conservation();
  // What moves inside is thousands of times what the scan receives, and so is its rounding.
  const scan = rows.find(({ step }) => step === 'scan over time');
  expect(Math.abs(scan?.residual ?? 0)).toBeGreaterThan(1e-5 * Math.abs(scan?.received ?? 0));
  expect(verdict).toBe('closed');
  for (const disposable of [explanation, model, x]) disposable.dispose();
});

describe('long sequences', () => {
  const LONG = 200;

  test('the ledger closes after 200 steps', async () => {
    const model = classifier(recurrent('lstm', { units: 8 }), LONG);
    const x = randomTensor([1, LONG, FEATURES]);
    const explanation = explain(model, x);
    const ledger = await explanation.conservation();
    expect(ledger.worst?.relativeResidual).toBeLessThan(1e-4);
    for (const disposable of [explanation, model, x]) disposable.dispose();
  });

  test('progress counts steps, and the event loop has its turns inside a scan', async () => {
    const model = classifier(recurrent('lstm', { units: 8 }), LONG);
    const x = randomTensor([1, LONG, FEATURES]);
    const seen: Progress[] = [];
    let turns = 0;
    const timer = setInterval(() => {
      turns += 1;
    }, 0);
    const explanation = await explainAsync(model, x, 'recurrent', { onProgress: (progress) => seen.push(progress) });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(2);
    const last = at(seen, seen.length - 1);
    expect(last.done).toBe(last.total);
    // Each time step reports, forward and backward.
    expect(seen.length).toBeGreaterThanOrEqual(2 * LONG);
    expect(seen.every((progress, index) => index === 0 || progress.done >= at(seen, index - 1).done)).toBe(true);
    for (const disposable of [explanation, model, x]) disposable.dispose();
  });

  test.each(['forward', 'backward'] as const)('aborted inside a scan on its way %s, nothing is left', async (phase) => {
    const model = classifier(
      tfl.layers.bidirectional({ layer: recurrent('lstm', { units: 8 }), mergeMode: 'concat' }),
      LONG,
    );
    const x = randomTensor([1, LONG, FEATURES]);
    let count = 0;
    const error = await errorOf(async () => {
      const controller = new AbortController();
      const onProgress = (progress: Progress) => {
        if (progress.phase === phase && ++count === 50) controller.abort();
      };
      await explainAsync(model, x, 'recurrent', { onProgress, signal: controller.signal, keep: 'steps' });
    });
    expect(error.name).toBe('AbortError');
    for (const disposable of [model, x]) disposable.dispose();
  });
});
