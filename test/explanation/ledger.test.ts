// The account of relevance: hand-worked on single layers, closed on whole networks, and open where a bug is planted.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, describe, expect, test } from 'vitest';
import {
  alphaBeta,
  defaultRegistry,
  derivative,
  derivedWeight,
  type ExplainOptions,
  epsilon,
  explain,
  fixedMap,
  flat,
  flowRule,
  formatRule,
  gamma,
  type LayerAdapter,
  type Ledger,
  type LedgerRow,
  type LedgerSums,
  type LinearMap,
  type LinearStep,
  pass,
  presetNames,
  proportional,
  type RulesInput,
  stop,
  zero,
  zPlus,
} from '../../src/index.js';
import { cnn, inceptionNet, residualNet } from './nets.js';
import { apply, at, errorOf, numbers, randomizeWeights, randomTensor, setWeights, tensorCount } from './tools.js';

/** The ledger of an explanation that is thrown away. */
async function ledgerOf(
  model: tfl.LayersModel,
  input: tf.Tensor,
  rules: RulesInput,
  options: ExplainOptions = {},
): Promise<Ledger> {
  const before = tensorCount();
  const explanation = explain(model, input, rules, options);
  const ledger = await explanation.conservation();
  explanation.dispose();
  input.dispose();
  expect(tensorCount()).toBe(before - 1);
  return ledger;
}

function oneDense(kernel: number[][], bias?: number[]): tfl.Sequential {
  const units = at(kernel, 0).length;
  const layer = tfl.layers.dense({ units, inputShape: [kernel.length], useBias: bias !== undefined, name: 'dense' });
  const model = tfl.sequential({ layers: [layer] });
  setWeights(layer, kernel, ...(bias ? [bias] : []));
  return model;
}

/** The row of an address. */
function row(ledger: Ledger, address: string): LedgerRow {
  const found = ledger.rows.find((one) => one.address === address);
  if (!found) throw new Error(`no row ${address} in\n${ledger}`);
  return found;
}

const COLUMNS = ['received', 'passed', 'bias', 'stabilizer', 'padding', 'emptyGroup', 'stopped'] as const;

/** Columns have these values, all that are not named 0, and the account is closed. */
function expectSums(sums: LedgerSums, expected: Partial<LedgerSums>): void {
  for (const column of COLUMNS) expect.soft(sums[column], column).toBeCloseTo(expected[column] ?? 0, 4);
  expect(Math.abs(sums.residual)).toBeLessThan(1e-5);
  expect(sums.relativeResidual).toBeLessThan(1e-5);
}

describe('columns, worked by hand', () => {
  test('bias: z = 5, b = 5, so half of R = 10 is the bias', async () => {
    const ledger = await ledgerOf(oneDense([[1], [2]], [5]), tf.tensor2d([[1, 2]]), zero());
    expectSums(row(ledger, 'dense'), { received: 10, passed: 5, bias: 5 });
    expect(ledger).toMatchObject({ verdict: 'closed', tolerance: 1e-5 });
    expect(ledger.started).toBeCloseTo(10, 5);
    expect(ledger.arrived).toBeCloseTo(5, 5);
  });

  test('a negative bias gives more than was there: z = 5, b = -3, R = 2, s = 1', async () => {
    const ledger = await ledgerOf(oneDense([[1], [2]], [-3]), tf.tensor2d([[1, 2]]), zero());
    expectSums(row(ledger, 'dense'), { received: 2, passed: 5, bias: -3 });
  });

  test('stabilizer: ε = 1 above z + b = 10, so s = 10 / 11', async () => {
    const ledger = await ledgerOf(oneDense([[1], [2]], [5]), tf.tensor2d([[1, 2]]), epsilon(1));
    expectSums(row(ledger, 'dense'), { received: 10, passed: 50 / 11, bias: 50 / 11, stabilizer: 10 / 11 });
  });

  test('stabilizer below zero: z = -5, denominator -6, s = -5 / -6', async () => {
    const ledger = await ledgerOf(oneDense([[-1], [-2]]), tf.tensor2d([[1, 2]]), epsilon(1));
    expectSums(row(ledger, 'dense'), { received: -5, passed: -25 / 6, stabilizer: -5 / 6 });
  });

  test('bias ignored or distributed reaches no column of its own', async () => {
    const ignore = await ledgerOf(oneDense([[1], [2]], [5]), tf.tensor2d([[1, 2]]), zero(), { bias: 'ignore' });
    expectSums(row(ignore, 'dense'), { received: 10, passed: 10 });
    const spread = await ledgerOf(oneDense([[1], [2]], [5]), tf.tensor2d([[1, 2]]), epsilon(1), {
      bias: 'distribute',
    });
    expectSums(row(spread, 'dense'), { received: 10, passed: 10 });
  });

  test('empty groups: no negative contribution, so the share -β R is lost', async () => {
    const ledger = await ledgerOf(oneDense([[1], [2]]), tf.tensor2d([[1, 2]]), alphaBeta(2, 1, { stabilizer: 0 }));
    expectSums(row(ledger, 'dense'), { received: 5, passed: 10, emptyGroup: -5 });
  });

  test('empty groups: no positive contribution, so z⁺ passes nothing on', async () => {
    const ledger = await ledgerOf(oneDense([[-1], [-2]]), tf.tensor2d([[1, 2]]), zPlus());
    expectSums(row(ledger, 'dense'), { received: -5, emptyGroup: -5 });
  });

  test('empty groups: the stabilizer alone is told from what is divided', async () => {
    // Inputs known to be nonnegative have it added with the bias. Outputs -5 and 1, of which z⁺ is 0 and 2, z⁻ is -5 and -1.
    const model = oneDense([
      [-1, 2],
      [-2, -0.5],
    ]);
    const x = () => tf.tensor2d([[1, 2]]);
    const known = { inputRange: [0, 2], start: 'one' } as const;
    const plus = await ledgerOf(model, x(), zPlus({ stabilizer: 0.5 }), { ...known, target: 0 });
    expectSums(row(plus, 'dense'), { received: 1, emptyGroup: 1 });
    const other = await ledgerOf(model, x(), zPlus({ stabilizer: 0.5 }), { ...known, target: 1 });
    expectSums(row(other, 'dense'), { received: 1, passed: 0.8, stabilizer: 0.2 });
    // α: z⁺ = 0, so 2 R is lost; β: -R · 5/5.5 is passed on, the rest is the stabilizer's.
    const both = await ledgerOf(model, x(), alphaBeta(2, 1, { stabilizer: 0.5 }), { ...known, target: 0 });
    expectSums(row(both, 'dense'), { received: 1, passed: -5 / 5.5, emptyGroup: 2, stabilizer: -0.5 / 5.5 });
  });

  test('empty groups: a group of bias alone is not empty', async () => {
    // Positive contributions 5, bias -2: R = 3, s⁻ = -3 / -2, and the bias earns -2 · 3/2 = -3 of the share -1 · 3.
    const ledger = await ledgerOf(
      oneDense([[1], [2]], [-2]),
      tf.tensor2d([[1, 2]]),
      alphaBeta(2, 1, { stabilizer: 0 }),
    );
    expectSums(row(ledger, 'dense'), { received: 3, passed: 6, bias: -3 });
  });

  test('empty groups: an output of exactly zero', async () => {
    for (const rule of [zero(), gamma(1), epsilon()]) {
      const ledger = await ledgerOf(oneDense([[1], [-1]]), tf.tensor2d([[2, 2]]), rule, { start: 'one' });
      // With ε > 0 the contributions 2 and -2 are divided by ε: they cancel in the sum.
      expect(row(ledger, 'dense').received).toBe(1);
      expectSums(row(ledger, 'dense'), { received: 1, emptyGroup: 1 });
    }
  });

  test('padding: flat above ZeroPadding2D gives one ninth to the only pixel', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.zeroPadding2d({ padding: [1, 1], inputShape: [1, 1, 1], name: 'pad' }),
        tfl.layers.conv2d({ filters: 1, kernelSize: 3, useBias: false, name: 'conv' }),
      ],
    });
    model.setWeights([tf.ones([3, 3, 1, 1])]);
    const ledger = await ledgerOf(model, tf.tensor4d([9], [1, 1, 1, 1]), flat({ stabilizer: 0 }));
    expectSums(row(ledger, 'conv'), { received: 9, passed: 9 });
    expectSums(row(ledger, 'pad'), { received: 9, passed: 1, padding: 8 });
    expect(ledger.arrived).toBeCloseTo(1, 5);
  });

  test('padding inside a convolution is no input, and earns nothing', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.conv2d({
          filters: 1,
          kernelSize: 3,
          padding: 'same',
          useBias: false,
          inputShape: [1, 1, 1],
          name: 'c',
        }),
      ],
    });
    model.setWeights([tf.ones([3, 3, 1, 1])]);
    const ledger = await ledgerOf(model, tf.tensor4d([9], [1, 1, 1, 1]), flat({ stabilizer: 0 }));
    expectSums(row(ledger, 'c'), { received: 9, passed: 9 });
  });

  test('padding: masked positions', async () => {
    const model = tfl.sequential({
      layers: [
        tfl.layers.masking({ maskValue: 7, inputShape: [2, 1], name: 'mask' }),
        tfl.layers.flatten({ name: 'flat' }),
        tfl.layers.dense({ units: 1, useBias: false, name: 'dense' }),
      ],
    });
    model.setWeights([tf.ones([2, 1])]);
    // The second position is masked: z = 3. Flat gives both half.
    const ledger = await ledgerOf(model, tf.tensor3d([3, 7], [1, 2, 1]), { dense: flat({ stabilizer: 0 }) });
    expectSums(row(ledger, 'dense'), { received: 3, passed: 3 });
    expectSums(row(ledger, 'mask'), { received: 3, passed: 1.5, padding: 1.5 });
  });

  test('stopped: on purpose', async () => {
    const ledger = await ledgerOf(oneDense([[1], [2]], [5]), tf.tensor2d([[1, 2]]), { dense: stop() });
    expectSums(row(ledger, 'dense'), { received: 10, stopped: 10 });
    expect(ledger.arrived).toBe(0);
  });

  test('stopped: what a derivative cuts', async () => {
    const model = tfl.sequential({
      layers: [tfl.layers.dense({ units: 1, useBias: false, inputShape: [1], activation: 'tanh', name: 'dense' })],
    });
    setWeights(at(model.layers, 0), [[1]]);
    const ledger = await ledgerOf(model, tf.tensor2d([[0.5]]), { ':activation': derivative(), dense: zero() });
    const y = Math.tanh(0.5);
    expectSums(row(ledger, 'dense:activation'), { received: y, passed: y * (1 - y * y), stopped: y * y * y });
  });

  test('stabilizer of a selection shared in proportion', async () => {
    const model = tfl.sequential({
      layers: [tfl.layers.maxPooling1d({ poolSize: 2, inputShape: [2, 1], name: 'pool' })],
    });
    // Candidates 1 and 3, ε = 1: 3 / 5 each unit.
    const ledger = await ledgerOf(model, tf.tensor3d([1, 3], [1, 2, 1]), { pool: proportional(1) });
    expectSums(row(ledger, 'pool'), { received: 3, passed: 12 / 5, stabilizer: 3 / 5 });
  });

  test('softmax by Taylor step books what is left over as bias', async () => {
    const model = tfl.sequential({ layers: [tfl.layers.softmax({ inputShape: [2], name: 'p' })] });
    const ledger = await ledgerOf(model, tf.tensor2d([[1, 2]]), 'epsilon', {
      target: 1,
      canonize: { links: false },
    });
    const p = [1 / (1 + Math.E), Math.E / (1 + Math.E)] as const;
    // R = [0, p1]: passed = Σ x_i (R_i - p_i p1) = 2 p1 - p1 (p0 + 2 p1).
    const passed = 2 * p[1] - p[1] * (p[0] + 2 * p[1]);
    expectSums(row(ledger, 'p'), { received: p[1], passed, bias: p[1] - passed });
  });

  test('each sample has an account of its own', async () => {
    const input = tf.tensor2d([
      [1, 2],
      [3, -1],
      [0, 0],
    ]);
    const ledger = await ledgerOf(oneDense([[1], [2]], [5]), input, zero());
    const { samples, ...all } = row(ledger, 'dense');
    expect(samples).toHaveLength(3);
    expectSums(at(samples, 0), { received: 10, passed: 5, bias: 5 });
    expectSums(at(samples, 1), { received: 6, passed: 1, bias: 5 });
    expectSums(at(samples, 2), { received: 5, bias: 5 });
    expectSums(all, { received: 21, passed: 6, bias: 15 });
    expect(ledger.started).toBeCloseTo(21, 4);
    expect(ledger.arrived).toBeCloseTo(6, 4);
  });

  test('rows come in the order relevance visits the steps; what it does not reach has none', async () => {
    const input = tfl.input({ shape: [2], name: 'x' });
    const one = apply(tfl.layers.dense({ units: 2, activation: 'relu', name: 'one' }), input);
    const two = apply(tfl.layers.dense({ units: 2, name: 'two' }), one);
    const side = apply(tfl.layers.dense({ units: 2, name: 'side' }), one);
    const model = tfl.model({ inputs: input, outputs: [two, side] });
    const ledger = await ledgerOf(model, tf.tensor2d([[1, 2]]), 'epsilon', { target: { output: 'two', unit: 0 } });
    expect(ledger.rows.map(({ address, layerType, step, rule }) => [address, layerType, step, rule])).toEqual([
      ['two', 'Dense', 'dense', formatRule(epsilon())],
      ['one:activation', 'Dense', 'relu', 'pass'],
      ['one', 'Dense', 'dense', formatRule(epsilon())],
    ]);
  });

  test('a layer class is that of the layer at the address, whatever is called the same elsewhere', async () => {
    const inner = tfl.input({ shape: [2], name: 'in' });
    const nested = tfl.model({
      inputs: inner,
      outputs: apply(tfl.layers.activation({ activation: 'tanh', name: 'same' }), inner),
      name: 'enc',
    });
    const input = tfl.input({ shape: [2], name: 'x' });
    const model = tfl.model({
      inputs: input,
      outputs: apply(tfl.layers.dense({ units: 1, name: 'same' }), apply(nested, input)),
    });
    const ledger = await ledgerOf(model, tf.tensor2d([[1, 2]]), 'epsilon');
    expect(ledger.rows.map(({ address, layerType }) => [address, layerType])).toEqual([
      ['same', 'Dense'],
      ['enc/same', 'Activation'],
      ['enc/in', 'InputLayer'],
    ]);
  });

  test('a model without steps', async () => {
    const input = tfl.input({ shape: [2], name: 'x' });
    const ledger = await ledgerOf(tfl.model({ inputs: input, outputs: input }), tf.tensor2d([[1, 2]]), 'epsilon');
    expect(ledger).toMatchObject({ verdict: 'closed', worst: null, rows: [], started: 2, arrived: 2 });
    expect(`${ledger}`).toContain('Started with 2.0000, 2.0000 reached the inputs.');
  });
});

test('the table', async () => {
  const model = tfl.sequential({
    name: 'table',
    layers: [
      tfl.layers.zeroPadding2d({ padding: [1, 1], inputShape: [2, 2, 1], name: 'pad' }),
      tfl.layers.conv2d({ filters: 1, kernelSize: 2, strides: 2, name: 'conv' }),
      tfl.layers.flatten({ name: 'flat' }),
      tfl.layers.dense({ units: 1, name: 'dense' }),
    ],
  });
  // Numbers that every backend computes alike.
  model.setWeights([tf.ones([2, 2, 1, 1]), tf.tensor1d([1]), tf.tensor2d([1, 1, 2, 4], [4, 1]), tf.tensor1d([8])]);
  // Every window sees one pixel: [2, 3, 5, 9]; z = 2 + 3 + 10 + 36 + 8 = 59. Flat gives the pixel a quarter.
  const ledger = await ledgerOf(model, tf.tensor4d([1, 2, 4, 8], [1, 2, 2, 1]), {
    conv: flat({ stabilizer: 0 }),
    dense: zero(),
  });
  expect(`${ledger}`).toMatchInlineSnapshot(`
    "step   rule                received  passed on    bias  stabilizer  padding  empty  stopped  initial  residual  relative
    -----  ------------------  --------  ---------  ------  ----------  -------  -----  -------  -------  --------  --------
    dense  zero                  59.000     51.000  8.0000           0        0      0        0        0         0    0.0e+0
    flat   move                  51.000     51.000       0           0        0      0        0        0         0    0.0e+0
    conv   flat(stabilizer=0)    51.000     51.000       0           0        0      0        0        0         0    0.0e+0
    pad    move                  51.000     12.750       0           0   38.250      0        0        0         0    0.0e+0
    Closed: largest relative residual 0.0e+0 at dense (zero), tolerance 0.00001. Started with 59.000, 12.750 reached the inputs."
  `);
});

describe('whole networks', () => {
  const nets: [string, tfl.LayersModel, number[]][] = [
    ['CNN', cnn(), [28, 28, 3]],
    ['residual net', residualNet(), [12, 12, 3]],
    ['Inception-like net', inceptionNet(), [10, 10, 2]],
  ];
  describe.each(nets)('%s', (_name, model, shape) => {
    test.each(presetNames)('%s', async (preset) => {
      const ledger = await ledgerOf(model, randomTensor([1, ...shape], 5), preset);
      expect(ledger.worst?.relativeResidual).toBeLessThan(1e-5);
      if (ledger.verdict !== 'closed') throw new Error(`${ledger}`);
      // Something has flowed, everywhere that it could.
      expect(ledger.rows.length).toBeGreaterThan(10);
      expect(Math.abs(ledger.started)).toBeGreaterThan(1e-3);
    });
  });

  test('whatever the biases earn', async () => {
    const [, residual] = nets;
    for (const bias of ['ignore', 'distribute'] as const) {
      const ledger = await ledgerOf(residual?.[1] ?? cnn(), randomTensor([2, 12, 12, 3], 6), 'epsilon-gamma', { bias });
      if (ledger.verdict !== 'closed') throw new Error(`${ledger}`);
      for (const one of ledger.rows) expect(one.bias).toBe(0);
      expect(ledger.worst?.relativeResidual).toBeLessThan(1e-5);
    }
  });
});

describe('planted bugs are caught, and located', () => {
  const expectOpenAt = (ledger: Ledger, address: string) => {
    expect(ledger.verdict).toBe('open');
    expect(ledger.worst?.address).toBe(address);
    const open = ledger.rows.filter((one) => one.relativeResidual >= ledger.tolerance);
    expect(open.map((one) => one.address)).toEqual([address]);
    expect(`${ledger}`).toContain(`OPEN: largest relative residual`);
    expect(`${ledger}`).toContain(` at ${address} (`);
  };

  test('a residual sum that hands its relevance to both branches in full', async () => {
    const doubled = flowRule('doubled', { on: ['linear'], redistribute: ({ rOut }) => [rOut, rOut] });
    const rules = new Map<string, ReturnType<typeof epsilon> | typeof doubled>([['b_add', doubled]]);
    const ledger = await ledgerOf(residualNet(), randomTensor([1, 12, 12, 3], 5), rules);
    expectOpenAt(ledger, 'b_add');
    const { received, passed, residual } = row(ledger, 'b_add');
    expect(passed).toBeCloseTo(2 * received, 4);
    expect(residual).toBeCloseTo(-received, 4);
  });

  test('a branch that is forgotten', async () => {
    const forgetful = flowRule('forgetful', {
      on: ['linear'],
      redistribute: ({ rOut }) => [tf.mul(rOut, 0.5), null],
    });
    const ledger = await ledgerOf(residualNet(), randomTensor([2, 12, 12, 3], 5), { a_add: forgetful });
    expectOpenAt(ledger, 'a_add');
    const { received, passed, residual } = row(ledger, 'a_add');
    expect(passed).toBeCloseTo(received / 2, 4);
    expect(residual).toBeCloseTo(received / 2, 4);
  });

  test('a batch normalization folded without its epsilon on the way back', async () => {
    const ledger = await ledgerOf(residualNet(), randomTensor([1, 12, 12, 3], 5), 'epsilon', {
      registry: defaultRegistry.with('a_norm_2', batchNormWithoutEpsilon),
    });
    expectOpenAt(ledger, 'a_norm_2');
  });

  test('an adjoint of one’s own that forgets a factor', async () => {
    const mean = fixedMap({
      name: 'mean',
      forward: ([x]) => tf.mean(x ?? tf.scalar(0), [1, 2]),
      // Divides by the width only.
      adjoint: (s, [shape = []]) => {
        const [batch = 1, height = 1, width = 1, channels = 1] = shape;
        return [tf.tile(tf.reshape(tf.div(s, width), [batch, 1, 1, channels]), [1, height, width, 1])];
      },
      connections: () => tf.scalar(1),
      spread: (s) => [s],
    });
    const registry = defaultRegistry.with('pool', (_call, to) =>
      to.output(to.add({ kind: 'linear', name: 'my mean', map: mean, kernel: null, bias: null }, to.inputs)),
    );
    const ledger = await ledgerOf(residualNet(), randomTensor([1, 12, 12, 3], 5), 'epsilon', { registry });
    expectOpenAt(ledger, 'pool');
  });

  test('a pass that counts a step’s relevance twice over one sample of the batch', async () => {
    const uneven = flowRule('uneven', {
      on: ['elementwise'],
      redistribute: ({ rOut }) => [tf.mul(rOut, tf.tensor2d([[1], [1.001]]))],
    });
    const model = oneDense([[1], [2]]);
    model.add(tfl.layers.activation({ activation: 'relu', name: 'act' }));
    const input = tf.tensor2d([
      [1, 2],
      [3, 4],
    ]);
    const ledger = await ledgerOf(model, input, { act: uneven });
    expectOpenAt(ledger, 'act');
    expect(row(ledger, 'act').samples.map((one) => one.relativeResidual < 1e-5)).toEqual([true, false]);
  });
});

/** Batch normalization as a linear step that divides by another deviation backwards than forwards. */
const batchNormWithoutEpsilon: LayerAdapter = (call, to) => {
  const [variance, mean] = [call.weight('moving_variance'), call.weight('moving_mean')];
  const scale = derivedWeight('scale', variance.shape, [variance, call.weight('gamma')], (v, g) =>
    tf.mul(g, tf.rsqrt(tf.add(v, 1e-3))),
  );
  const shift = derivedWeight('shift', mean.shape, [mean, scale, call.weight('beta')], (m, s, b) =>
    tf.sub(b, tf.mul(m, s)),
  );
  const map: LinearMap = {
    ...fixedMap({
      name: 'scale',
      forward: ([x]) => x ?? tf.scalar(0),
      adjoint: (s) => [s],
      connections: () => tf.scalar(1),
      spread: (s) => [s],
    }),
    prepareForward: (kernel) => [kernel],
    forward: ([x], [kernel], bias) => tf.add(tf.mul(x ?? 0, kernel ?? 1), bias ?? 0),
    prepareAdjoint: (kernel) => [tf.mul(kernel, 1.01)],
    adjoint: (s, [kernel]) => [tf.mul(s, kernel ?? 1)],
  };
  const step: LinearStep = { kind: 'linear', name: 'own norm', map, kernel: scale, bias: shift };
  to.output(to.add(step, to.inputs));
};

describe('reading', () => {
  const model = oneDense([[1], [2]], [5]);
  const x = tf.tensor2d([[1, 2]]);
  afterAll(() => tf.dispose(x));

  test('may be done twice, and leaves nothing behind', async () => {
    const explanation = explain(model, x, zero());
    const before = tensorCount();
    const [first, second] = [await explanation.conservation(), await explanation.conservation()];
    expect(`${second}`).toBe(`${first}`);
    expect(second.rows).toEqual(first.rows);
    expect(tensorCount()).toBe(before);
    explanation.dispose();
    // What was read stays.
    expect(`${first}`).toContain('Closed');
  });

  test('an explanation without ledger says so', async () => {
    const explanation = explain(model, x, zero(), { ledger: false });
    expect(explanation.ledger).toBeNull();
    const error = await errorOf(() => explanation.conservation());
    expect(error).toMatchObject({ name: 'MatchError' });
    expect(error.message).toMatchInlineSnapshot(
      `"This explanation has no ledger: it was made with {ledger: false}. Explain again without it."`,
    );
    explanation.dispose();
  });

  test('the sums are the relevance itself', async () => {
    const net = residualNet();
    randomizeWeights(net, 3);
    const input = randomTensor([2, 12, 12, 3], 4);
    const explanation = explain(net, input, 'epsilon-gamma-box');
    const ledger = await explanation.conservation();
    for (const address of ['head', 'pool', 'b_add', 'a_add']) {
      const layer = explanation.layer(address);
      const received = (await numbers(layer.output)).reduce((sum, value) => sum + value, 0);
      const own = ledger.rows.filter((one) => one.address === address);
      expect(own).toHaveLength(1);
      expect(at(own, 0).received).toBeCloseTo(received, 4);
      let passed = 0;
      for (const tensor of layer.inputs) passed += (await numbers(tensor)).reduce((sum, value) => sum + value, 0);
      expect(at(own, 0).passed).toBeCloseTo(passed, 4);
    }
    explanation.dispose();
    input.dispose();
  });

  test('pass on a folded batch normalization does not appear: its layer holds the account', async () => {
    const ledger = await ledgerOf(residualNet(), randomTensor([1, 12, 12, 3], 5), 'epsilon');
    expect(ledger.rows.some((one) => one.address.includes('norm'))).toBe(false);
    const apart = await ledgerOf(residualNet(), randomTensor([1, 12, 12, 3], 5), 'epsilon', {
      canonize: { batchNorm: 'none' },
    });
    expect(row(apart, 'a_norm_2').rule).toBe(pass().name);
  });
});
