// What each preset gives to the layers of a small network, and what is chosen where none is named.
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import {
  type BoundedDeepTaylorOptions,
  boundedDeepTaylor,
  type Composite,
  deepTaylor,
  epsilonGammaBox,
  epsilonPlus,
  PlanError,
  plan,
  presetA,
  presetAFlat,
  presetBFlat,
  presetNames,
  RuleError,
  type RulesInput,
} from '../../src/index.js';
import { planModel } from '../../src/plan/plan-model.js';
import { apply, errorOf } from '../explanation/tools.js';

const { layers } = tfl;

function chain(shape: readonly number[], ...list: tfl.layers.Layer[]): tfl.LayersModel {
  const inputs = tfl.input({ shape: [...shape], name: 'x' });
  const outputs = list.reduce((y: tfl.SymbolicTensor, layer) => apply(layer, y), inputs);
  return tfl.model({ inputs, outputs, name: 'net' });
}

const conv = (name: string, kernelSize = 3) =>
  layers.conv2d({ filters: 3, kernelSize, padding: 'same', activation: 'relu', name });
const dense = (name: string, activation: 'relu' | 'tanh' | 'softmax' | 'linear' = 'linear') =>
  layers.dense({ units: 3, activation, name });
const cnn = (activation: 'relu' | 'tanh' = 'relu') =>
  chain([8, 8, 2], conv('c1'), conv('c2'), layers.flatten(), dense('d1', activation), dense('d2', 'softmax'));

/** `c1: flat`; only what is no default. */
const rulesOf = (model: tfl.LayersModel, rules?: RulesInput) =>
  plan(model, rules)
    .rows.filter((row) => row.rule !== '-' && !row.because.startsWith('default'))
    .map((row) => `${row.address} → ${row.rule}`);

describe('assignment on a small CNN', () => {
  test('by name', () => {
    expect(Object.fromEntries(presetNames.map((name) => [name, rulesOf(cnn(), name)]))).toMatchInlineSnapshot(`
      {
        "attn-lrp": [
          "c1 → epsilon(epsilon=1e-6)",
          "c2 → epsilon(epsilon=1e-6)",
          "d1 → epsilon(epsilon=1e-6)",
          "d2 → epsilon(epsilon=1e-6)",
        ],
        "bounded-deep-taylor": [
          "c1 → z-box(low=min, high=max, stabilizer=1e-7, bias=ignore)",
          "c2 → z-plus(stabilizer=1e-7, bias=ignore)",
          "d1 → z-plus(stabilizer=1e-7, bias=ignore)",
          "d2 → w-square(stabilizer=1e-7, bias=ignore)",
        ],
        "cp-lrp": [
          "c1 → epsilon(epsilon=1e-6)",
          "c2 → epsilon(epsilon=1e-6)",
          "d1 → epsilon(epsilon=1e-6)",
          "d2 → epsilon(epsilon=1e-6)",
        ],
        "deep-taylor": [
          "c1 → z-plus(stabilizer=1e-7, bias=ignore)",
          "c2 → z-plus(stabilizer=1e-7, bias=ignore)",
          "d1 → z-plus(stabilizer=1e-7, bias=ignore)",
          "d2 → w-square(stabilizer=1e-7, bias=ignore)",
        ],
        "epsilon": [
          "c1 → epsilon(epsilon=1e-6)",
          "c2 → epsilon(epsilon=1e-6)",
          "d1 → epsilon(epsilon=1e-6)",
          "d2 → epsilon(epsilon=1e-6)",
        ],
        "epsilon-alpha2-beta1": [
          "c1 → alpha-beta(alpha=2, beta=1)",
          "c2 → alpha-beta(alpha=2, beta=1)",
          "d1 → epsilon(epsilon=1e-6)",
          "d2 → epsilon(epsilon=1e-6)",
        ],
        "epsilon-alpha2-beta1-flat": [
          "c1 → flat",
          "c2 → alpha-beta(alpha=2, beta=1)",
          "d1 → epsilon(epsilon=1e-6)",
          "d2 → epsilon(epsilon=1e-6)",
        ],
        "epsilon-gamma": [
          "c1 → gamma(gamma=0.25)",
          "c2 → gamma(gamma=0.25)",
          "d1 → epsilon(epsilon=1e-6)",
          "d2 → epsilon(epsilon=1e-6)",
        ],
        "epsilon-gamma-box": [
          "c1 → z-box(low=min, high=max)",
          "c2 → gamma(gamma=0.25)",
          "d1 → epsilon(epsilon=1e-6)",
          "d2 → epsilon(epsilon=1e-6)",
        ],
        "epsilon-plus": [
          "c1 → z-plus",
          "c2 → z-plus",
          "d1 → epsilon(epsilon=1e-6)",
          "d2 → epsilon(epsilon=1e-6)",
        ],
        "epsilon-plus-flat": [
          "c1 → flat",
          "c2 → z-plus",
          "d1 → epsilon(epsilon=1e-6)",
          "d2 → epsilon(epsilon=1e-6)",
        ],
        "excitation-backprop": [
          "c1 → z-plus",
          "c1:activation → derivative",
          "c2 → z-plus",
          "c2:activation → derivative",
          "d1 → z-plus",
          "d1:activation → derivative",
          "d2 → z-plus",
        ],
        "preset-a": [
          "c1 → alpha-beta(alpha=1, beta=0, stabilizer=1e-7)",
          "c2 → alpha-beta(alpha=1, beta=0, stabilizer=1e-7)",
          "d1 → epsilon(epsilon=0.1)",
          "d2 → epsilon(epsilon=0.1)",
        ],
        "preset-a-flat": [
          "c1 → flat(stabilizer=1e-7)",
          "c2 → alpha-beta(alpha=1, beta=0, stabilizer=1e-7)",
          "d1 → epsilon(epsilon=0.1)",
          "d2 → epsilon(epsilon=0.1)",
        ],
        "preset-b": [
          "c1 → alpha-beta(alpha=2, beta=1, stabilizer=1e-7)",
          "c2 → alpha-beta(alpha=2, beta=1, stabilizer=1e-7)",
          "d1 → epsilon(epsilon=0.1)",
          "d2 → epsilon(epsilon=0.1)",
        ],
        "preset-b-flat": [
          "c1 → flat(stabilizer=1e-7)",
          "c2 → alpha-beta(alpha=2, beta=1, stabilizer=1e-7)",
          "d1 → epsilon(epsilon=0.1)",
          "d2 → epsilon(epsilon=0.1)",
        ],
        "recurrent": [
          "c1 → epsilon(epsilon=0.001)",
          "c2 → epsilon(epsilon=0.001)",
          "d1 → epsilon(epsilon=0.001)",
          "d2 → epsilon(epsilon=0.001)",
        ],
      }
    `);
  });

  test('each goes by its name', () => {
    for (const name of presetNames) expect(plan(cnn(), name).rules).toBe(name);
  });

  test('options reach the rules', () => {
    expect(rulesOf(cnn(), epsilonPlus({ epsilon: 0.5, stabilizer: 0.25, bias: 'ignore' }))).toMatchInlineSnapshot(`
      [
        "c1 → z-plus(stabilizer=0.25, bias=ignore)",
        "c2 → z-plus(stabilizer=0.25, bias=ignore)",
        "d1 → epsilon(epsilon=0.5, bias=ignore)",
        "d2 → epsilon(epsilon=0.5, bias=ignore)",
      ]
    `);
    expect(rulesOf(cnn(), epsilonGammaBox({ low: -1, high: 2, gamma: 3 }))).toMatchInlineSnapshot(`
      [
        "c1 → z-box(low=-1, high=2)",
        "c2 → gamma(gamma=3)",
        "d1 → epsilon(epsilon=1e-6)",
        "d2 → epsilon(epsilon=1e-6)",
      ]
    `);
    expect(rulesOf(cnn(), boundedDeepTaylor({ low: -1, high: 2 }))).toMatchInlineSnapshot(`
      [
        "c1 → z-box(low=-1, high=2, stabilizer=1e-7, bias=ignore)",
        "c2 → z-plus(stabilizer=1e-7, bias=ignore)",
        "d1 → z-plus(stabilizer=1e-7, bias=ignore)",
        "d2 → w-square(stabilizer=1e-7, bias=ignore)",
      ]
    `);
  });

  test('flatLayers: how many layers from the input', () => {
    const flats = (composite: Composite) => rulesOf(cnn(), composite).filter((line) => /→ flat/.test(line)).length;
    for (const make of [presetAFlat, presetBFlat]) {
      expect([make(), make({ flatLayers: 1 }), make({ flatLayers: 3 })].map(flats)).toEqual([1, 1, 3]);
    }
  });

  test('a name of none: the nearest are named', async () => {
    const model = cnn();
    const error = await errorOf(() => plan(model, 'epsilon-gama'));
    expect(error).toBeInstanceOf(RuleError);
    expect(error.message).toMatch(/^There is no preset "epsilon-gama"\. Nearest: "?epsilon-gamma/);
    expect(await errorOf(() => plan(model, 'toString'))).toBeInstanceOf(RuleError);
  });
});

describe('networks of ReLUs', () => {
  test('deep Taylor refuses others', async () => {
    const model = cnn('tanh');
    for (const rules of [deepTaylor(), boundedDeepTaylor({ low: 0, high: 1 })]) {
      const error = await errorOf(() => plan(model, rules));
      expect(error).toBeInstanceOf(PlanError);
      expect((error as PlanError).problems.map(({ message }) => message)).toEqual([
        expect.stringMatching(
          /^Composite "(bounded-)?deep-taylor" is meant for networks of ReLUs; this one also has tanh\. Try "epsilon"/,
        ),
      ]);
    }
  });

  test('presets A and B warn', () => {
    for (const name of ['preset-a', 'preset-b', 'preset-a-flat', 'preset-b-flat']) {
      expect(plan(cnn('tanh'), name).warnings).toEqual([
        expect.stringContaining('is meant for networks of ReLUs; this one also has tanh.'),
      ]);
      expect(plan(cnn(), name).warnings).toEqual([]);
    }
    expect(plan(cnn('tanh'), presetA()).rules).toBe('preset-a');
  });

  test('the softmax set aside does not count, and a linear output is fine', () => {
    expect(plan(chain([4], dense('a', 'relu'), dense('b', 'softmax')), 'deep-taylor').warnings).toEqual([]);
    expect(plan(chain([4], dense('a', 'relu'), dense('b')), 'deep-taylor').warnings).toEqual([]);
  });
});

test('bounded deep Taylor needs both bounds', async () => {
  for (const options of [undefined, {}, { low: 0 }, { high: 1 }]) {
    const error = await errorOf(() => boundedDeepTaylor(options as unknown as BoundedDeepTaylorOptions));
    expect(error).toBeInstanceOf(RuleError);
    expect(error.message).toContain('boundedDeepTaylor({low: 0, high: 1})');
  }
});

describe('chosen where no rules are named', () => {
  const end = (name: string) => layers.conv2d({ filters: 3, kernelSize: 1, name });
  const pool = () => layers.globalAveragePooling2d({});
  const recurrent = () => layers.simpleRNN({ units: 3, recurrentInitializer: 'zeros', name: 'rnn' });
  const nets: [string, tfl.LayersModel, string, string][] = [
    ['dense layers only', chain([4], dense('a', 'relu'), dense('b')), 'epsilon', 'the model has no convolution'],
    ['recurrent', chain([5, 2], recurrent(), dense('a')), 'recurrent', 'a recurrent model'],
    ['pictures', cnn(), 'epsilon-gamma-box', 'a convolutional model that reads pictures'],
    [
      'maps of many channels',
      chain([6, 6, 5], conv('c1'), layers.flatten(), dense('d')),
      'epsilon-gamma',
      'a convolutional model',
    ],
    [
      'sequences',
      chain([9, 2], layers.conv1d({ filters: 3, kernelSize: 2, name: 'c1' }), layers.flatten(), dense('d')),
      'epsilon-gamma',
      'a convolutional model',
    ],
    [
      'a convolution behind a dense layer',
      chain([6, 6, 2], dense('d0', 'relu'), conv('c1'), layers.flatten(), dense('d')),
      'epsilon-gamma',
      'a convolutional model',
    ],
    [
      'a 1x1 convolution at the end',
      chain([8, 8, 3], conv('c1'), conv('c2'), end('c3'), pool()),
      'epsilon-gamma-box',
      'a convolutional model that reads pictures',
    ],
  ];
  test.each(nets)('%s', (_what, model, name, why) => {
    const made = planModel(model, undefined);
    expect([made.composite.name, made.chosen]).toEqual([name, `chosen by default: ${why}`]);
    // The last weighted layer takes ε, whatever it is.
    const weighted = plan(model).rows.filter((row) => /^(dense|conv)/.test(row.step));
    expect(weighted.at(-1)?.rule).toMatch(/^epsilon\(/);
  });

  test('the rules in full, a 1x1 convolution at the end', () => {
    expect(rulesOf(chain([8, 8, 3], conv('c1'), conv('c2'), end('c3'), pool()))).toEqual([
      expect.stringMatching(/^c1 → z-box/),
      expect.stringMatching(/^c2 → gamma\(/),
      expect.stringMatching(/^c3 → epsilon\(/),
    ]);
  });

  test('rules the user named are not second-guessed', () => {
    expect(planModel(cnn(), 'epsilon').chosen).toBeNull();
  });
});
