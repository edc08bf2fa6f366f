// Every kind of bad input: which error, what it says, and that nothing is left behind.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, describe, expect, test } from 'vitest';
import {
  alphaBeta,
  boundedDeepTaylor,
  composite,
  deepTaylor,
  defaultRegistry,
  derivative,
  elementwise,
  epsilon,
  explain,
  explainAsync,
  type Flow,
  flat,
  flowRule,
  fromJSON,
  gamma,
  gammaClassic,
  type Input,
  type LayerAdapter,
  layerNorm,
  linearRule,
  type PlanError,
  pass,
  plan,
  preset,
  presetNames,
  proportional,
  type RulesInput,
  signalTakeAll,
  uniformSplit,
  winnerTakeAll,
  wSquare,
  zBox,
  zPlus,
} from '../src/index.js';
import { apply, at, errorOf, randomizeWeights, setWeights } from './explanation/tools.js';

class Scale extends tfl.layers.Layer {
  static className = 'Scale';
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.mul(Array.isArray(inputs) ? at(inputs, 0) : inputs, 2));
  }
}

class Denze extends tfl.layers.Layer {
  static className = 'Denze';
  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.tidy(() => tf.neg(Array.isArray(inputs) ? at(inputs, 0) : inputs));
  }
}

function small(): tfl.Sequential {
  return tfl.sequential({
    name: 'small',
    layers: [
      tfl.layers.dense({ units: 3, inputShape: [2], activation: 'relu', name: 'hidden' }),
      tfl.layers.dense({ units: 2, name: 'scores' }),
    ],
  });
}

const model = small();
randomizeWeights(model);
const x = tf.tensor2d([[1, 2]]);
afterAll(() => tf.dispose(x));

/** The error of a plan, which must come before any tensor is made. */
async function planErrorOf(run: () => unknown): Promise<PlanError> {
  let made = -1;
  const error = await errorOf(() => {
    const first = tf.scalar(0);
    try {
      run();
    } finally {
      const last = tf.scalar(0);
      // Tensors are numbered as they are made.
      made = last.id - first.id - 1;
      tf.dispose([first, last]);
    }
  });
  expect(made).toBe(0);
  expect(error).toMatchObject({ name: 'PlanError', code: 'plan' });
  return error as PlanError;
}

describe('plans that cannot be', () => {
  test('unknown layers: all at once, with place, class, shape, nearest class and remedy', async () => {
    const inner = tfl.input({ shape: [4], name: 'in' });
    const nested = tfl.model({ inputs: inner, outputs: apply(new Denze({ name: 'deep' }), inner), name: 'enc' });
    const shared = new Scale({ name: 'twice' });
    const input = tfl.input({ shape: [4], name: 'x' });
    const net = tfl.model({ inputs: input, outputs: apply(shared, apply(nested, apply(shared, input))) });
    const error = await planErrorOf(() => plan(net));
    expect(error.message).toMatchInlineSnapshot(`
      "The model cannot be explained as asked (3 problems):
        1. No adapter for layer "twice" (class Scale, output [null, 4]) at twice. Nearest known class: Add. Pass { registry: defaultRegistry.with(Scale, adapter) }, or { approximate: { Scale: 'gradient' } }.
        2. No adapter for layer "deep" (class Denze, output [null, 4]) at enc/deep. Nearest known class: Dense. Pass { registry: defaultRegistry.with(Denze, adapter) }, or { approximate: { Denze: 'gradient' } }.
        3. No adapter for layer "twice" (class Scale, output [null, 4]) at twice#1. Nearest known class: Add. Pass { registry: defaultRegistry.with(Scale, adapter) }, or { approximate: { Scale: 'gradient' } }."
    `);
    expect(error.problems.map(({ address, layerType }) => [address, layerType])).toEqual([
      ['twice', 'Scale'],
      ['enc/deep', 'Denze'],
      ['twice#1', 'Scale'],
    ]);
    expect(error.place).toMatchObject({ address: 'twice', layerType: 'Scale' });
    // What it says to type works.
    const adapter: LayerAdapter = (_call, to) =>
      to.output(
        to.add(
          elementwise('own', (t) => tf.neg(t)),
          to.inputs,
        ),
      );
    const registry = defaultRegistry.with(Scale, adapter).with('Denze', adapter);
    plan(net, undefined, { registry }).dispose();
    expect(await errorOf(() => plan(net))).toMatchObject({ message: error.message });
  });

  test('explain and explainAsync say the same', async () => {
    const net = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [2] }), new Scale({ name: 'own' })] });
    const error = await errorOf(() => plan(net));
    expect(await errorOf(() => explain(net, x))).toMatchObject({ name: 'PlanError', message: error.message });
    expect(await errorOf(() => explainAsync(net, x))).toMatchObject({ name: 'PlanError', message: error.message });
  });

  test('an activation that is not known', async () => {
    const net = small();
    const layer = at(net.layers, 0);
    const config = layer.getConfig();
    layer.getConfig = () => ({ ...config, activation: 'rellu' });
    const error = await planErrorOf(() => plan(net));
    expect(error.message).toMatchInlineSnapshot(`
      "The model cannot be explained as asked (1 problem):
        1. Layer "hidden" (class Dense) at hidden: its activation "rellu" is not known (nearest: "relu"). Register an adapter for the layer with defaultRegistry.with("hidden", adapter)."
    `);
  });

  const mixed = (() => {
    const input = tfl.input({ shape: [4, 4, 1], name: 'x' });
    const conv = apply(tfl.layers.conv2d({ filters: 1, kernelSize: 3, padding: 'same', name: 'conv' }), input);
    const sum = apply(tfl.layers.add({ name: 'sum' }), [input, conv]);
    const pooled = apply(tfl.layers.maxPooling2d({ poolSize: 2, name: 'pool' }), sum);
    const product = apply(tfl.layers.multiply({ name: 'product' }), [pooled, pooled]);
    const tanh = apply(tfl.layers.activation({ activation: 'tanh', name: 'tanh' }), product);
    const outputs = apply(
      tfl.layers.dense({ units: 2, name: 'head' }),
      apply(tfl.layers.flatten({ name: 'flat' }), tanh),
    );
    return tfl.model({ inputs: input, outputs, name: 'mixed' });
  })();

  test('rules on steps they cannot serve, and entries that match nothing: all at once', async () => {
    const rules = {
      conv: winnerTakeAll(),
      pool: epsilon(),
      sum: wSquare(),
      tanh: zPlus(),
      product: signalTakeAll(),
      Flatten: pass(),
      heed: gamma(),
    };
    const error = await planErrorOf(() => plan(mixed, rules));
    expect(error.message).toMatchInlineSnapshot(`
      "The model cannot be explained as asked (7 problems):
        1. Rule winner-take-all serves select steps and cannot serve conv: "conv2d 3x3" is a linear step. Choose a rule for these steps, or match other layers.
        2. Rule epsilon(epsilon=1e-6) serves linear steps and cannot serve pool: "max pool 2x2" is a select step. Choose a rule for these steps, or match other layers.
        3. Rule w-square serves linear steps and cannot serve sum: "add" has no weights to square. Choose a rule for these steps, or match other layers.
        4. Rule z-plus serves linear steps and cannot serve tanh: "tanh" is an elementwise step. Choose a rule for these steps, or match other layers.
        5. Rule signal-take-all serves bilinear steps and cannot serve product: it does not say which operand carries the signal; name it, such as signalTakeAll({operand: 0}). Choose a rule for these steps, or match other layers.
        6. Rule pass serves elementwise, linear, softmax, normalize steps and cannot serve flat: "flatten" is a relabel step. Choose a rule for these steps, or match other layers.
        7. Rule gamma(gamma=0.25): "heed" is neither a layer, an address nor a class of this model. Nearest: head, Add, conv."
    `);
    expect(error.problems).toHaveLength(7);
  });

  test('each kind of match that fits nothing', async () => {
    class Other extends tfl.layers.Layer {
      static className = 'Other';
    }
    const rules = composite('mine', [
      { match: 'Conv3D', rule: flat() },
      { match: /encoder/, rule: flat() },
      { match: Other, rule: flat() },
      { match: at(model.layers, 0), rule: flat() },
      { match: { className: 'Dense', position: 'first', role: 'gate' }, rule: flat() },
      { match: ':gate', rule: flat() },
      { match: function isBig() { return false; }, rule: flat() },
    ]); // biome-ignore format: one entry per line
    const error = await planErrorOf(() => plan(mixed, rules));
    expect(error.message).toMatchInlineSnapshot(`
      "The model cannot be explained as asked (7 problems):
        1. Rule flat: "Conv3D" is neither a layer, an address nor a class of this model. Nearest: Conv2D, conv, Add.
        2. Rule flat: its match (/encoder/) fits no step of this model.
        3. Rule flat: its match (Other) fits no step of this model.
        4. Rule flat: its match (layer hidden) fits no step of this model.
        5. Rule flat: its match ({"className":"Dense","position":"first","role":"gate"}) fits no step of this model.
        6. Rule flat: its match (":gate") fits no step of this model.
        7. Rule flat: its match (isBig) fits no step of this model."
    `);
  });

  test('a rule of a function that serves no step of its layer', async () => {
    const error = await planErrorOf(() =>
      plan(mixed, (call) => (call.className === 'MaxPooling2D' ? epsilon() : undefined)),
    );
    expect(error.message).toMatchInlineSnapshot(`
      "The model cannot be explained as asked (1 problem):
        1. Rule epsilon(epsilon=1e-6) serves linear steps and cannot serve pool: "max pool 2x2" is a select step. Choose a rule for these steps, or match other layers."
    `);
  });

  test('a derivative that is not known', async () => {
    const net = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [2] }), new Scale({ name: 'own' })] });
    const registry = defaultRegistry.with(Scale, (_call, to) =>
      to.output(
        to.add(
          elementwise('double', (t) => tf.mul(t, 2)),
          to.inputs,
        ),
      ),
    );
    const error = await planErrorOf(() => plan(net, { own: derivative() }, { registry }));
    expect(error.message).toMatchInlineSnapshot(`
      "The model cannot be explained as asked (1 problem):
        1. Rule derivative serves elementwise steps and cannot serve own: the derivative of "double" is not known. Choose a rule for these steps, or match other layers."
    `);
  });

  test('a name that fits a layer and a class', async () => {
    const net = tfl.sequential({
      layers: [
        tfl.layers.dense({ units: 2, inputShape: [2], name: 'a' }),
        tfl.layers.dense({ units: 2, name: 'Dense' }),
      ],
    });
    const error = await planErrorOf(() => plan(net, { Dense: epsilon() }));
    expect(error.message).toMatchInlineSnapshot(`
      "The model cannot be explained as asked (1 problem):
        1. Rule epsilon(epsilon=1e-6): "Dense" is the name of a layer and also a class. Say which: {name: 'Dense'} or {className: 'Dense'}."
    `);
  });

  test('a composite that is not for this model', async () => {
    const error = await planErrorOf(() => plan(mixed, 'deep-taylor'));
    expect(error.message).toMatchInlineSnapshot(`
      "The model cannot be explained as asked (1 problem):
        1. Composite "deep-taylor" is meant for networks of ReLUs; this one also has tanh. Try "epsilon" or "epsilon-gamma"."
    `);
  });

  test('an adapter that names too few outputs', async () => {
    const error = await planErrorOf(() =>
      plan(model, undefined, { registry: defaultRegistry.with('Dense', () => {}) }),
    );
    expect(error.message).toMatchInlineSnapshot(`
      "The model cannot be explained as asked (2 problems):
        1. The adapter of layer "hidden" (class Dense) at hidden named 0 outputs, the layer has 1. Call to.output(...) once with one edge per output.
        2. The adapter of layer "scores" (class Dense) at scores named 0 outputs, the layer has 1. Call to.output(...) once with one edge per output."
    `);
  });

  test('a graph model', async () => {
    // What loadGraphModel answers has operations, no layers.
    const graphModel = { modelUrl: 'model.json', executor: {} } as unknown as tfl.LayersModel;
    expect((await planErrorOf(() => plan(graphModel))).message).toContain('This is no LayersModel: it has no layers.');
    expect((await planErrorOf(() => plan(null as unknown as tfl.LayersModel))).message).toContain('no LayersModel');
  });

  test('a model without layers', async () => {
    expect((await planErrorOf(() => plan(tfl.sequential({ name: 'empty' })))).message).toMatchInlineSnapshot(`
      "The model cannot be explained as asked (1 problem):
        1. The model "empty" has no outputs yet. Give its first layer an inputShape, or call model.build(shape), before planning."
    `);
  });

  test('a preset that does not exist', async () => {
    const error = await errorOf(() => plan(model, 'epsilon-plas'));
    expect(error).toMatchObject({ name: 'RuleError', code: 'rule' });
    expect(error.message).toBe(
      `There is no preset "epsilon-plas". Nearest: "epsilon-plus", "epsilon" and "epsilon-gamma". All: ${presetNames.join(', ')}.`,
    );
  });

  test.each([
    [
      'a number',
      3,
      'Rules must be a preset name, a rule, a composite, a Map or record of rules, or a function; received 3.',
    ],
    [
      'null',
      null,
      'Rules must be a preset name, a rule, a composite, a Map or record of rules, or a function; received null.',
    ],
    [
      'a record of texts',
      { hidden: 'epsilon' },
      'The rule for hidden is not a rule: received string. Make one, such as epsilon(1e-6) or zPlus().',
    ],
    [
      'a Map of functions',
      new Map([['hidden', epsilon]]),
      'The rule for hidden is not a rule: received function. Make one, such as epsilon(1e-6) or zPlus().',
    ],
  ])('rules that are none: %s', async (_what, rules, message) => {
    // What the types forbid: the library is used from JavaScript as well.
    const error = await errorOf(() => plan(model, rules as unknown as RulesInput));
    expect(error).toMatchObject({ name: 'RuleError', message });
  });
});

describe('inputs that do not fit', () => {
  const pair = (() => {
    const inputs = [tfl.input({ shape: [2], name: 'left' }), tfl.input({ shape: [3, 1], name: 'right' })];
    const flat = [at(inputs, 0), apply(tfl.layers.flatten({ name: 'flat' }), at(inputs, 1))];
    return tfl.model({ inputs, outputs: apply(tfl.layers.concatenate({ name: 'both' }), flat) });
  })();
  const open = tfl.sequential({
    layers: [tfl.layers.globalAveragePooling1d({ inputShape: [null as unknown as number, 2], name: 'any' })],
  });
  const dead = tf.ones([1, 2]);
  dead.dispose();
  const tensors = {
    two: tf.ones([2, 2]),
    rank3: tf.ones([1, 2, 1]),
    wide: tf.ones([1, 3]),
    three: tf.ones([3, 3, 1]),
    text: tf.tensor2d([['a', 'b']]),
    none: tf.zeros([0, 2]),
    one: tf.scalar(1),
  };
  afterAll(() => tf.dispose(tensors));
  const name = at(model.inputNames, 0);

  const cases: [string, tfl.LayersModel, unknown, string][] = [
    ['another size', model, tensors.wide, `Input "${name}" has shape [1, 3]. Expected [null, 2], or [2] for a single sample.`],
    ['another rank', model, tensors.rank3, `Input "${name}" has shape [1, 2, 1]. Expected [null, 2], or [2] for a single sample.`],
    ['a scalar', model, tensors.one, `Input "${name}" has shape []. Expected [null, 2], or [2] for a single sample.`],
    ['no sample', model, tensors.none, `Input "${name}" is empty, shape [0, 2].`],
    ['texts', model, tensors.text, `Input "${name}" has dtype string; expected float32.`],
    ['a disposed tensor', model, dead, `Input "${name}" has been disposed. Pass a tensor that is still alive.`],
    ['numbers', model, [[1, 2]], `Input "${name}" is no tensor: received an array of 2; make it a tensor with tf.tensor(...). Expected [null, 2], or [2] for a single sample.`],
    ['a number', model, 3, `The input is no tensor: received number. Expected "${name}" [null, 2].`],
    ['undefined', model, undefined, `The input is no tensor: received undefined. Expected "${name}" [null, 2].`],
    ['null', model, null, `The input is no tensor: received null. Expected "${name}" [null, 2].`],
    ['too many', model, [x, x], `Received 2 input tensors. Expected "${name}" [null, 2].`],
    ['too few', pair, x, 'Received 1 input tensors. Expected "left" [null, 2], "right" [null, 3, 1].'],
    ['none', pair, [], 'Received 0 input tensors. Expected "left" [null, 2], "right" [null, 3, 1].'],
    ['a wrong name', pair, { left: x, rigth: x }, 'The inputs do not fit by name: missing "right", unknown "rigth". Expected "left" [null, 2], "right" [null, 3, 1].'],
    ['a name missing', pair, { left: x }, 'The inputs do not fit by name: missing "right". Expected "left" [null, 2], "right" [null, 3, 1].'],
    ['numbers that are no tensor', pair, new Float32Array(5), 'The input is no tensor: received a Float32Array; make it a tensor with tf.tensor(...). Expected "left" [null, 2], "right" [null, 3, 1].'],
    ['a record of something else', pair, { left: x, right: 'x' }, 'Input "right" is no tensor: received string. Expected [null, 3, 1], or [3, 1] for a single sample.'],
    ['the wrong order', pair, [tensors.three, tensors.two], 'Input "left" has shape [3, 3, 1]. Expected [null, 2], or [2] for a single sample.'],
    ['batches that differ', pair, [tensors.two, tensors.three], 'The inputs differ in batch size: "left" 2, "right" 3. Give each the same number of samples.'],
    ['another size beside an open one', open, tensors.three, 'Input "any_input" has shape [3, 3, 1]. Expected [null, null, 2], or [null, 2] for a single sample.'],
  ]; // biome-ignore format: one case per line

  test.each(cases)('%s', async (_what, net, input, message) => {
    const error = await errorOf(() => explain(net, input as Input, 'epsilon', { target: 0 }));
    expect(error).toMatchObject({ name: 'InputError', code: 'input', message });
    expect(await errorOf(() => explainAsync(net, input as Input, 'epsilon', { target: 0 }))).toMatchObject({ message });
    const made = plan(net);
    expect(await errorOf(() => made.explain(input as Input))).toMatchObject({ message });
    expect(await errorOf(() => made.check(input as Input))).toMatchObject({ message });
    made.dispose();
  });

  test('one input without its batch axis and one of several samples', async () => {
    const single = tf.ones([2]);
    const error = await errorOf(() => explain(pair, { left: single, right: tensors.three }));
    expect(error.message).toBe(
      'The inputs differ in batch size: "left" 1, "right" 3. Give each the same number of samples.',
    );
    single.dispose();
  });
});

describe('numbers that are not finite', () => {
  const broken = (change: (net: tfl.Sequential) => void = () => {}) => {
    const net = tfl.sequential({
      layers: [
        tfl.layers.dense({ units: 2, inputShape: [2], activation: 'relu', name: 'one' }),
        tfl.layers.dense({ units: 2, activation: 'tanh', name: 'two' }),
        tfl.layers.dense({ units: 2, name: 'three' }),
      ],
    });
    const ones = [
      [1, 1],
      [1, 1],
    ];
    for (const layer of net.layers) setWeights(layer, ones, [0, 0]);
    change(net);
    return net;
  };
  const infinite = [
    [Number.POSITIVE_INFINITY, 1],
    [1, 1],
  ];
  const cases: [string, number[][], (net: tfl.Sequential) => void, string, string][] = [
    ['NaN in the input', [[1, Number.NaN]], () => {}, 'one', 'The output of one (Dense, dense) is not finite in sample 0: NaN or infinity first appears there. Check the input and the weights of that layer.'],
    ['infinity in the second sample', [[1, 2], [1, Number.NEGATIVE_INFINITY]], () => {}, 'one', 'The output of one (Dense, dense) is not finite in sample 1: NaN or infinity first appears there. Check the input and the weights of that layer.'],
    ['infinity in a kernel', [[1, 2]], (net) => setWeights(at(net.layers, 1), infinite, [0, 0]), 'two', 'The output of two (Dense, dense) is not finite in sample 0: NaN or infinity first appears there. Check the input and the weights of that layer.'],
    ['NaN in a bias', [[1, 2]], (net) => setWeights(at(net.layers, 2), [[1, 1], [1, 1]], [0, Number.NaN]), 'three', 'The output of three (Dense, dense) is not finite in sample 0: NaN or infinity first appears there. Check the input and the weights of that layer.'],
    ['numbers that grow too large', [[3e38, 3e38]], () => {}, 'one', 'The output of one (Dense, dense) is not finite in sample 0: NaN or infinity first appears there. Check the input and the weights of that layer.'],
  ]; // biome-ignore format: one case per line

  test.each(cases)('%s', async (_what, values, change, address, message) => {
    const net = broken(change);
    const input = tf.tensor2d(values);
    const explanation = explain(net, input, 'epsilon', { target: 0 });
    const error = await errorOf(() => explanation.conservation());
    expect(error).toMatchObject({ name: 'NumericsError', code: 'numerics', message, place: { address } });
    explanation.dispose();
    const checked = await errorOf(() => explainAsync(net, input, 'epsilon', { target: 0, check: true }));
    expect(checked).toMatchObject({ name: 'NumericsError', message });
    // Unasked nothing is read back.
    (await explainAsync(net, input, 'epsilon', { target: 0 })).dispose();
    input.dispose();
  });

  test('an activation that is not finite', async () => {
    const net = tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape: [2] }), new Scale({ name: 'log' })] });
    const registry = defaultRegistry.with(Scale, (_call, to) =>
      to.output(
        to.add(
          elementwise('log', (t) => tf.log(t)),
          to.inputs,
        ),
      ),
    );
    const zeros = tf.tensor2d([[1, 0]]);
    const explanation = explain(net, zeros, 'epsilon', { registry });
    const error = await errorOf(() => explanation.conservation());
    expect(error.message).toMatchInlineSnapshot(
      `"The output of log (Scale, log) is not finite in sample 0: NaN or infinity first appears there. Check the input and the weights of that layer."`,
    );
    explanation.dispose();
    zeros.dispose();
  });

  test('relevance that is not finite although all values are', async () => {
    const bad = flowRule('bad', { on: ['elementwise'], redistribute: ({ rOut }) => [tf.div(rOut, 0)] });
    const explanation = explain(broken(), x, { one: bad }, { target: 0 });
    const error = await errorOf(() => explanation.conservation());
    expect(error).toMatchObject({ name: 'NumericsError', place: { address: 'one:activation' } });
    expect(error.message).toMatchInlineSnapshot(
      `"Relevance is not finite at one:activation (Dense, rule bad). Use a larger stabilizer there, such as epsilon(1e-3)."`,
    );
    explanation.dispose();
  });

  test('check passes what is fine, and needs the ledger', async () => {
    (await explainAsync(model, x, 'epsilon', { check: true })).dispose();
    const error = await errorOf(() => explainAsync(model, x, 'epsilon', { check: true, ledger: false }));
    expect(error.message).toMatchInlineSnapshot(
      `"{check: true} reads the ledger, which {ledger: false} leaves out. Give one of the two."`,
    );
  });
});

describe('rules that cannot be made', () => {
  const cases: [string, () => unknown, string][] = [
    ['epsilon below zero', () => epsilon(-1), 'Rule "epsilon": epsilon must be a finite number of at least 0, received -1.'],
    ['epsilon not a number', () => epsilon(Number.NaN), 'Rule "epsilon": epsilon must be a finite number of at least 0, received NaN.'],
    ['epsilon a text', () => epsilon('1' as unknown as number), 'Rule "epsilon": epsilon must be a finite number of at least 0, received 1.'],
    ['gamma below zero', () => gamma(-0.1), 'Rule "gamma": gamma must be a finite number of at least 0, received -0.1.'],
    ['classic gamma infinite', () => gammaClassic(Number.POSITIVE_INFINITY), 'Rule "gamma-classic": gamma must be a finite number of at least 0, received Infinity.'],
    ['alpha and beta', () => alphaBeta(2, 0.5), 'Rule "alpha-beta": alpha - beta must be 1, received 2 - 0.5 = 1.5. Try alphaBeta(2, 1).'],
    ['beta below zero', () => alphaBeta(0, -1), 'Rule "alpha-beta": beta must be a finite number of at least 0, received -1.'],
    ['bounds crossed', () => zBox({ low: 1, high: 0 }), 'Rule "z-box": low must not exceed high, received low 1 and high 0.'],
    ['bounds crossed in one channel', () => zBox({ low: [0, 0], high: [1, -1] }), 'Rule "z-box": low must not exceed high, received low 0 and high -1.'],
    ['bounds of different length', () => zBox({ low: [0, 0], high: [1, 1, 1] }), 'Rule "z-box": low has 2 values and high 3. Give one number, one per channel, or one per element for both.'],
    ['bounds the wrong way', () => zBox({ low: 'max' }), 'Rule "z-box": low may be "min" and high may be "max", not the other way round.'],
    ['a stabilizer below zero', () => flat({ stabilizer: -1 }), 'Rule "flat": stabilizer must be a finite number of at least 0, received -1.'],
    ['an unknown bias mode', () => zPlus({ bias: 'spread' as 'absorb' }), 'Rule "z-plus": bias must be absorb, ignore, distribute, distribute-all; received spread.'],
    ['no share', () => linearRule('mine', {}, []), 'Rule "mine" needs at least one share, and every share at least one term.'],
    ['proportional', () => proportional(-1), 'Rule "proportional": stabilizer must be a finite number of at least 0, received -1.'],
    ['uniform', () => uniformSplit({ stabilizer: -1 }), 'Rule "uniform": stabilizer must be a finite number of at least 0, received -1.'],
    ['layer norm', () => layerNorm(-1), 'Rule "layer-norm": stabilizer must be a finite number of at least 0, received -1.'],
    ['a stabilizer in a preset', () => deepTaylor({ stabilizer: -1 }), 'Rule "z-plus": stabilizer must be a finite number of at least 0, received -1.'],
    ['a box without bounds', () => boundedDeepTaylor({} as never), 'Composite "bounded-deep-taylor" needs both bounds of the input: boundedDeepTaylor({low: 0, high: 1}).'],
    ['an unknown preset', () => preset('epsilon_gama'), `There is no preset "epsilon_gama". Nearest: "epsilon-gamma", "epsilon" and "epsilon-plus". All: ${presetNames.join(', ')}.`],
  ]; // biome-ignore format: one case per line
  test.each(cases)('%s', async (_what, make, message) => {
    expect(await errorOf(make)).toMatchObject({ name: 'RuleError', code: 'rule', message });
  });

  test('bounds that do not fit the input are found when it is seen', async () => {
    const error = await errorOf(() => explain(model, x, { first: zBox({ low: [0, 0, 0], high: 1 }) }));
    expect(error).toMatchObject({ name: 'RuleError' });
    expect(error.message).toMatchInlineSnapshot(
      `"Rule "z-box": a bound of shape [3] does not fit an input of shape [1, 2]. Give one number, one per channel (last axis), or one per element of a sample."`,
    );
  });
});

describe('rules of one’s own that misbehave', () => {
  const withRule = (redistribute: (flow: Flow<'linear'>) => tf.Tensor[]) =>
    errorOf(() => explain(model, x, { hidden: flowRule('mine', { on: ['linear'], redistribute }) }, { target: 0 }));

  test('throwing', async () => {
    const error = await withRule(({ rOut }) => {
      tf.mul(rOut, 2);
      throw new Error('mine');
    });
    expect(error.message).toBe('mine');
  });

  test('answering another shape', async () => {
    const error = await withRule(({ rOut }) => [tf.mul(rOut, 2)]);
    expect(error).toMatchObject({ name: 'InternalError', place: { address: 'hidden', rule: 'mine' } });
    expect(error.message).toMatchInlineSnapshot(
      `"internal: rule "mine" at hidden gave relevance of shape [1,3] for an input of shape [1,2]"`,
    );
  });
});

describe('keep', () => {
  test('names a layer the model does not have', async () => {
    const error = await errorOf(() => explain(model, x, 'epsilon', { keep: ['hidden', 'skores'] }));
    expect(error).toMatchObject({ name: 'MatchError', code: 'match' });
    expect(error.message).toMatchInlineSnapshot(
      `"keep names a layer the model does not have: "skores". Nearest: "scores", "hidden" and "hidden_input"."`,
    );
  });
});

describe('what has been disposed', () => {
  test('a model before planning', async () => {
    const net = small();
    net.dispose();
    const error = await errorOf(() => plan(net));
    expect(error).toMatchObject({ name: 'DisposedError', code: 'disposed' });
    expect(error.message.replace(/kernel_\d+/, 'kernel')).toMatchInlineSnapshot(
      `"The weight "hidden/kernel" of layer "hidden" has been disposed. Was model.dispose() called before plan()?"`,
    );
  });

  test('a model after planning', async () => {
    const net = small();
    const made = plan(net);
    net.dispose();
    const error = await errorOf(() => made.explain(x));
    expect(error.message).toMatchInlineSnapshot(
      `"The weight "hidden/bias" has been disposed. The model must live as long as its plan: plan it again."`,
    );
    expect(await errorOf(() => made.explainAsync(x))).toMatchObject({ message: error.message });
    made.dispose();
  });

  test('a plan', async () => {
    const made = plan(model);
    expect(made.isDisposed).toBe(false);
    made.dispose();
    made.dispose();
    expect(made.isDisposed).toBe(true);
    const error = await errorOf(() => made.explain(x));
    expect(error).toMatchObject({ name: 'DisposedError' });
    expect(error.message).toMatchInlineSnapshot(
      `"The plan of "small" has been disposed. Make a new one with plan(model, rules)."`,
    );
    expect(await errorOf(() => made.explainAsync(x))).toMatchObject({ message: error.message });
    expect(await errorOf(() => made.check(x))).toMatchObject({ message: error.message });
    // What is plain text stays.
    expect(made.toString()).toContain('hidden');
  });

  test('an explanation', async () => {
    const explanation = explain(model, x);
    explanation.dispose();
    explanation.dispose();
    expect(explanation.isDisposed()).toBe(true);
    const error = await errorOf(() => explanation.layer('hidden'));
    expect(error).toMatchObject({ name: 'DisposedError' });
    expect(error.message).toMatchInlineSnapshot(
      `"The explanation of "small" has been disposed. Explain again to read it."`,
    );
    expect(await errorOf(() => explanation.conservation())).toMatchObject({ message: error.message });
    expect(await errorOf(() => explanation.toJSON())).toMatchObject({ message: error.message });
  });

  test('one tensor of an explanation', async () => {
    const explanation = explain(model, x);
    explanation.layer('hidden').output.dispose();
    const error = await errorOf(() => explanation.conservation());
    expect(error).toMatchObject({ name: 'DisposedError' });
    expect(error.message).toMatchInlineSnapshot(
      `"A tensor of the explanation was disposed by itself, so the ledger cannot be read. Read the ledger first (\`await explanation.conservation()\`), or clone what should end before the explanation does."`,
    );
    explanation.dispose();
  });
});

test('a record that is no explanation', async () => {
  expect((await errorOf(() => fromJSON('{"format": "other"}'))).message).toMatchInlineSnapshot(
    `"This is no explanation of version 1: format other, version undefined."`,
  );
});
