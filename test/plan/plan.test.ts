// The plan: its table, what it refuses and warns of, what it keeps, and registries.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import {
  activationStep,
  alphaBeta,
  combine,
  composite,
  DisposedError,
  deepTaylor,
  defaultRegistry,
  elementwise,
  epsilon,
  explain,
  flat,
  gamma,
  gammaClassic,
  type LayerAdapter,
  PlanError,
  type PlanOptions,
  plan,
  type RulesInput,
  zPlus,
} from '../../src/index.js';
import { apply, at, errorOf, numbers, randomizeWeights, randomTensor, tensorCount } from '../explanation/tools.js';

const { layers } = tfl;

/** Two convolutions, one with batch normalization, and two dense layers. */
function cnn(): tfl.Sequential {
  const model = tfl.sequential({
    name: 'small',
    layers: [
      layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [8, 8, 2], name: 'conv_1' }),
      layers.conv2d({ filters: 3, kernelSize: 2, name: 'conv_2' }),
      layers.batchNormalization({ name: 'bn' }),
      layers.reLU({ name: 'relu' }),
      layers.maxPooling2d({ poolSize: 2, name: 'pool' }),
      layers.flatten({ name: 'flat' }),
      layers.dropout({ rate: 0.5, name: 'drop' }),
      layers.dense({ units: 5, activation: 'sigmoid', name: 'dense_1' }),
      layers.dense({ units: 3, activation: 'softmax', name: 'dense_2' }),
    ],
  });
  randomizeWeights(model, 21);
  return model;
}

/** Dense layers in a row. */
function denseNet(activations: readonly ('relu' | 'linear' | 'tanh' | 'sigmoid')[]): tfl.LayersModel {
  const inputs = tfl.input({ shape: [3], name: 'x' });
  const outputs = activations.reduce(
    (y: tfl.SymbolicTensor, activation, index) => apply(layers.dense({ units: 3, activation, name: `d_${index}` }), y),
    inputs,
  );
  return tfl.model({ inputs, outputs, name: 'dense' });
}

/** Notes of the rows that have any, by address. */
function notesOf(model: tfl.LayersModel, rules: RulesInput, options?: PlanOptions): Record<string, readonly string[]> {
  const { rows } = plan(model, rules, options);
  return Object.fromEntries(rows.filter((row) => row.notes.length > 0).map((row) => [row.address, row.notes]));
}

async function planErrorOf(run: () => unknown): Promise<PlanError> {
  const error = await errorOf(run);
  expect(error).toBeInstanceOf(PlanError);
  return error as PlanError; // as just checked
}

describe('the table', () => {
  test('address, rule and reason of every step, in the order of the model', () => {
    const { rows } = plan(cnn());
    expect(rows.map((row) => `${row.address} → ${row.rule} → ${row.because}`)).toMatchInlineSnapshot(`
      [
        "conv_1_input → - → ",
        "conv_1 → z-box(low=min, high=max) → first convolution",
        "conv_1:activation → pass → default: activations",
        "conv_2 → gamma(gamma=0.25) → any convolution",
        "bn → - → folded into "conv_2"",
        "relu → pass → default: activations",
        "pool → winner-take-all → default: selections",
        "flat → move → default: elements move",
        "drop → move → default: elements move",
        "dense_1 → epsilon(epsilon=1e-6) → any weighted linear layer",
        "dense_1:activation → pass → default: activations",
        "dense_2 → epsilon(epsilon=1e-6) → last linear layer",
        "dense_2:activation → - → set aside: the score before it is explained",
      ]
    `);
  });

  test('as it is printed, with notes below and a heading that says why these rules', () => {
    expect(`\n${plan(cnn())}\n`).toMatchInlineSnapshot(`
      "
      Plan of "small" with epsilon-gamma-box (chosen by default: a convolutional model that reads pictures)
      address             layer               step          rule                      why                                          notes
      ------------------  ------------------  ------------  ------------------------  -------------------------------------------  -----
      conv_1_input        InputLayer          -             -
      conv_1              Conv2D              conv2d 3x3    z-box(low=min, high=max)  first convolution
      conv_1:activation   Conv2D              relu          pass                      default: activations
      conv_2              Conv2D              conv2d 2x2    gamma(gamma=0.25)         any convolution                              [1]
      bn                  BatchNormalization  batch norm    -                         folded into "conv_2"                         [2]
      relu                ReLU                relu          pass                      default: activations
      pool                MaxPooling2D        max pool 2x2  winner-take-all           default: selections
      flat                Flatten             flatten       move                      default: elements move
      drop                Dropout             identity      move                      default: elements move                       [3]
      dense_1             Dense               dense         epsilon(epsilon=1e-6)     any weighted linear layer
      dense_1:activation  Dense               sigmoid       pass                      default: activations                         [4]
      dense_2             Dense               dense         epsilon(epsilon=1e-6)     last linear layer
      dense_2:activation  Dense               softmax       -                         set aside: the score before it is explained
      [1] batch norm "bn" folded in
      [2] uses its moving mean and variance, as in predict
      [3] acts in training only: off, as in predict
      [4] sigmoid inside the network: its output is never zero, so relevance passes through silent units too
      Cost (batch 1): 4.32 predictions, 16.7 k multiply-adds; bytes: 888 weights, 1.54 k kept for the way back, 2.46 k in the result, about 7.06 k at most
      "
    `);
  });

  test('rules the user named need no reason', () => {
    expect(plan(cnn(), 'epsilon').toString().split('\n')[0]).toBe('Plan of "small" with epsilon');
  });

  test('planning makes no tensor', () => {
    const model = cnn();
    const before = tensorCount();
    const made = plan(model, 'epsilon-gamma-box');
    expect(tensorCount()).toBe(before);
    expect(made.derived).toEqual({ bytes: 0, made: 0 });
  });
});

describe('problems, all at once', () => {
  class Odd extends layers.Layer {
    static className = 'Odd';
  }
  class Strange extends layers.Layer {
    static className = 'Strange';
  }

  test('layers without adapters', async () => {
    const inputs = tfl.input({ shape: [3] });
    const outputs = apply(new Strange({ name: 'two' }), apply(new Odd({ name: 'one' }), inputs));
    const error = await planErrorOf(() => plan(tfl.model({ inputs, outputs })));
    expect(error.problems.map(({ address, layerType }) => [address, layerType])).toEqual([
      ['one', 'Odd'],
      ['two', 'Strange'],
    ]);
    expect(error.message).toContain('(2 problems)');
  });

  test('rules that fit nothing, rules that cannot serve, remarks of the composite', async () => {
    const mine = composite('mine', [
      { match: 'dens_0', rule: epsilon() },
      { match: /nowhere/, rule: flat() },
      { match: ':activation', rule: gamma() },
    ]);
    const model = denseNet(['tanh', 'linear']);
    const error = await planErrorOf(() => plan(model, combine(mine, deepTaylor())));
    expect(error.message).toMatchInlineSnapshot(`
      "The model cannot be explained as asked (4 problems):
        1. Rule epsilon(epsilon=1e-6): "dens_0" is neither a layer, an address nor a class of this model. Nearest: Dense, d_0, d_1.
        2. Rule flat: its match (/nowhere/) fits no step of this model.
        3. Rule gamma(gamma=0.25) serves linear steps and cannot serve d_0:activation: "tanh" is an elementwise step. Choose a rule for these steps, or match other layers.
        4. Composite "deep-taylor" is meant for networks of ReLUs; this one also has tanh. Try "epsilon" or "epsilon-gamma"."
    `);
    expect(error.problems).toHaveLength(4);
    expect(error.problems[2]).toMatchObject({ address: 'd_0:activation', layerType: 'Dense' });
    expect(error.place).toMatchObject({ rule: error.problems[0]?.rule });
  });

  test('a function of the layer whose rule cannot serve', async () => {
    const model = cnn();
    const error = await planErrorOf(() =>
      plan(model, (call) => (call.layer.name === 'pool' || call.layer.name === 'relu' ? flat() : undefined)),
    );
    expect(error.problems.map((problem) => problem.address)).toEqual(['relu', 'pool']);
  });
});

describe('warnings', () => {
  const DEEP = ['relu', 'relu', 'relu', 'relu', 'linear'] as const;

  test('z-plus on every layer of a deep net', () => {
    expect(plan(denseNet(DEEP), zPlus()).warnings).toEqual([
      expect.stringContaining('z-plus on all 5 weighted layers'),
    ]);
    expect(plan(denseNet(DEEP), alphaBeta(1, 0)).warnings).toHaveLength(1);
    // Not on a shallow one, not where one layer has another rule.
    expect(plan(denseNet(DEEP.slice(1)), zPlus()).warnings).toEqual([]);
    const last = composite('last', [{ match: 'last', rule: epsilon() }]);
    expect(plan(denseNet(DEEP), combine(last, composite('z', [{ match: {}, rule: zPlus() }]))).warnings).toEqual([]);
    expect(plan(denseNet(DEEP), alphaBeta(2, 1)).warnings).toEqual([]);
  });

  test('the warning is printed', () => {
    const lines = plan(denseNet(DEEP), zPlus()).toString().split('\n');
    expect(lines.at(-2)).toMatch(/^Warning: z-plus on all 5 weighted layers/);
  });

  test('classic gamma where inputs can be negative, and only there', () => {
    const model = denseNet(['relu', 'tanh', 'linear']);
    const note = [expect.stringContaining('parts weights by sign but its input may be negative')];
    expect(notesOf(model, gammaClassic())).toEqual({ d_0: note, d_2: note });
    expect(notesOf(model, gammaClassic(), { inputRange: [0, 1] })).toEqual({ d_2: note });
    expect(notesOf(model, gammaClassic(), { inputRange: [-1, 1] })).toEqual({ d_0: note, d_2: note });
    for (const rule of [gamma(), alphaBeta(2, 1), epsilon(), flat()]) expect(notesOf(model, rule)).toEqual({});
  });

  test('a sigmoid inside, not at the output', () => {
    expect(notesOf(denseNet(['sigmoid', 'sigmoid']), 'epsilon')).toEqual({
      'd_0:activation': [expect.stringContaining('sigmoid inside the network')],
    });
    expect(notesOf(denseNet(['tanh', 'relu']), 'epsilon')).toEqual({});
  });

  test('branches that may cancel', () => {
    const sum = (first: 'relu' | 'linear', second: 'relu' | 'linear') => {
      const inputs = tfl.input({ shape: [3] });
      const branches = [first, second].map((activation) => apply(layers.dense({ units: 2, activation }), inputs));
      return tfl.model({ inputs, outputs: apply(layers.add({ name: 'sum' }), branches) });
    };
    const note = { sum: [expect.stringContaining('branches may cancel')] };
    expect(notesOf(sum('linear', 'linear'), 'epsilon')).toEqual(note);
    expect(notesOf(sum('relu', 'linear'), 'epsilon')).toEqual(note);
    expect(notesOf(sum('relu', 'relu'), 'epsilon')).toEqual({});
  });
});

test('compare: the rows in which two plans differ', () => {
  const [one, other] = [plan(cnn(), 'epsilon'), plan(cnn(), 'epsilon', { canonize: { batchNorm: 'none' } })];
  expect(one.compare(one)).toEqual([]);
  expect(one.compare(other)).toEqual([{ address: 'bn', step: 'batch norm', rule: '-', otherRule: 'pass' }]);
  const flatFirst = plan(cnn(), { conv_1: flat() });
  const found = { address: 'conv_1', step: 'conv2d 3x3' };
  expect(one.compare(flatFirst)).toEqual([{ ...found, rule: 'epsilon(epsilon=1e-6)', otherRule: 'flat' }]);
  expect(flatFirst.compare(one)).toEqual([{ ...found, rule: 'flat', otherRule: 'epsilon(epsilon=1e-6)' }]);
});

describe('use over time', () => {
  const x = () => randomTensor([2, 8, 8, 2], 3);

  test('used again it derives no new kernel', () => {
    const input = x();
    const made = plan(cnn(), 'epsilon-gamma-box');
    made.explain(input).dispose();
    const first = made.derived;
    expect(first.made).toBeGreaterThan(0);
    const held = tensorCount();
    for (const target of [0, 1, 2]) made.explain(input, { target }).dispose();
    expect(made.derived).toEqual(first);
    expect(tensorCount()).toBe(held);
    made.dispose();
    input.dispose();
  });

  test.each(['conv_1', 'conv_2', 'bn', 'dense_1'])('new weights of %s are noticed', async (name) => {
    const [input, model] = [x(), cnn()];
    const rules = 'epsilon-gamma-box';
    const made = plan(model, rules);
    const first = made.explain(input, { target: 1 });
    const old = await numbers(at(first.inputs, 0).relevance);
    first.dispose();
    randomizeWeights(model.getLayer(name), 77);
    const [kept, fresh] = [made.explain(input, { target: 1 }), explain(model, input, rules, { target: 1 })];
    const now = await numbers(at(kept.inputs, 0).relevance);
    expect(now).toEqual(await numbers(at(fresh.inputs, 0).relevance));
    expect(now).not.toEqual(old);
    for (const one of [kept, fresh, made]) one.dispose();
    input.dispose();
  });

  test('disposed twice, used afterwards', async () => {
    const [input, model] = [x(), cnn()];
    const before = tensorCount();
    const made = plan(model, 'epsilon-plus');
    const kept = made.explain(input);
    expect(made.isDisposed).toBe(false);
    made.dispose();
    made.dispose();
    expect(made.isDisposed).toBe(true);
    expect(made.derived.bytes).toBe(0);
    for (const use of [() => made.explain(input), () => made.explainAsync(input), () => made.check(input)]) {
      const error = await errorOf(use);
      expect(error).toBeInstanceOf(DisposedError);
      expect(error.message).toContain('"small"');
    }
    // What can be read of it, and what it has made, outlives it.
    expect(made.toString()).toContain('conv_1');
    expect(await numbers(at(kept.inputs, 0).relevance)).toHaveLength(256);
    kept.dispose();
    expect(tensorCount()).toBe(before);
    input.dispose();
  });
});

describe('registry.with', () => {
  class Twice extends layers.Layer {
    static className = 'Twice';
    override call(input: tf.Tensor | tf.Tensor[]): tf.Tensor {
      return tf.mul(Array.isArray(input) ? at(input, 0) : input, 2);
    }
  }
  class Quiet extends Twice {
    static override className = 'Quiet';
  }
  const layer = new Quiet({ name: 'q' });
  const inputs = tfl.input({ shape: [3] });
  const model = tfl.model({ inputs, outputs: apply(layer, inputs) });
  const called =
    (name: string): LayerAdapter =>
    (_call, to) =>
      to.output(
        to.add(
          elementwise(name, (t) => tf.mul(t, 2)),
          to.inputs,
        ),
      );
  const stepOf = (registry: typeof defaultRegistry) =>
    plan(model, 'epsilon', { registry }).rows.find((row) => row.address === 'q')?.step;

  test('instance, name, class, parent class, class name, predicate: in this order, whatever came last', () => {
    const predicate = () => true;
    const ways = [
      ['predicate', predicate],
      ['class name', 'Quiet'],
      ['parent', Twice],
      ['class', Quiet],
      ['name', 'q'],
      ['instance', layer],
    ] as const;
    for (const [name, match] of ways) expect(stepOf(defaultRegistry.with(match, called(name)))).toBe(name);
    // The strongest is added first, the weakest last.
    for (let count = 1; count <= ways.length; count++) {
      const registry = ways
        .slice(0, count)
        .reduceRight((known, [name, match]) => known.with(match, called(name)), defaultRegistry);
      expect(stepOf(registry)).toBe(ways[count - 1]?.[0]);
    }
  });

  test('the latest wins among equals, own adapters over those built in', () => {
    const registry = defaultRegistry.with(Quiet, called('old')).with(Quiet, called('new'));
    expect(stepOf(registry)).toBe('new');
    const net = denseNet(['linear']);
    const relu: LayerAdapter = (_call, to) => to.output(to.add(activationStep('relu'), to.inputs));
    const rows = (known: typeof defaultRegistry) => plan(net, 'epsilon', { registry: known }).rows;
    expect(rows(defaultRegistry.with('Dense', relu)).at(-1)?.step).toBe('relu');
    expect(rows(defaultRegistry).at(-1)?.step).toBe('dense');
  });

  test('the original does not change', () => {
    const registry = defaultRegistry.with(Quiet, called('mine'));
    expect(registry).not.toBe(defaultRegistry);
    expect(() => plan(model, 'epsilon')).toThrow(PlanError);
    const both = registry.with('q', called('other'));
    expect([stepOf(registry), stepOf(both)]).toEqual(['mine', 'other']);
  });
});
