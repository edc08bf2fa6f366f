// Which steps a match means, who wins, and what is said of a match that means nothing.
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import {
  CONVOLUTIONS,
  combine,
  composite,
  derivative,
  epsilon,
  flat,
  gamma,
  type LayerClass,
  type Match,
  PlanError,
  plan,
  RuleError,
  type RulesInput,
  wSquare,
  zPlus,
} from '../../src/index.js';
import { apply, errorOf } from '../explanation/tools.js';

const { layers } = tfl;

/** Two branches of convolutions that meet, then dense layers; `mix` is called twice. */
function network(): tfl.LayersModel {
  const inputs = tfl.input({ shape: [6, 6, 2], name: 'image' });
  const left = apply(layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu', name: 'conv_a' }), inputs);
  const right = apply(layers.conv2d({ filters: 3, kernelSize: 3, name: 'conv_b' }), inputs);
  const sum = apply(layers.add({ name: 'sum' }), [left, right]);
  const wide = apply(layers.separableConv2d({ filters: 4, kernelSize: 3, name: 'sep' }), sum);
  const flattened = apply(layers.flatten({ name: 'flatten' }), apply(layers.reLU({ name: 'relu' }), wide));
  const hidden = apply(layers.dense({ units: 4, activation: 'tanh', name: 'dense' }), flattened);
  const mix = layers.dense({ units: 4, name: 'mix' });
  return tfl.model({ inputs, outputs: apply(mix, apply(mix, hidden)), name: 'net' });
}

const net = network();

/** Addresses of the rows that take the marker rule, and the reason, which is the same for all. */
function marked(match: Match): [string[], string?] {
  const { rows } = plan(net, composite('test', [{ match, rule: flat() }]));
  const own = rows.filter((row) => row.rule === 'flat');
  const reasons = [...new Set(own.map((row) => row.because))];
  expect(reasons.length).toBeLessThanOrEqual(1);
  const addresses = own.map((row) => row.address);
  return reasons[0] === undefined ? [addresses] : [addresses, reasons[0]];
}

const CONVS = ['conv_a', 'conv_b', 'sep:depthwise', 'sep:pointwise'];
const DENSES = ['dense', 'mix', 'mix#1'];

describe('what is meant', () => {
  const cases: [string, Match, string[], string?][] = [
    ['a class name', 'Dense', DENSES, 'class Dense'],
    ['a layer name: all its calls', 'mix', ['mix', 'mix#1'], 'name "mix"'],
    ['an address', 'mix#1', ['mix#1'], 'name "mix#1"'],
    ['an address with its role', 'sep:pointwise', ['sep:pointwise'], 'name "sep:pointwise"'],
    ['a role', ':depthwise', ['sep:depthwise'], 'role :depthwise'],
    ['a pattern', /^conv_|#1$/, ['conv_a', 'conv_b', 'mix#1'], 'pattern /^conv_|#1$/'],
    ['a pattern with state', /mix/g, ['mix', 'mix#1'], 'pattern /mix/g'],
    ['a predicate', (call) => call.layer.name.startsWith('s'), ['sum', 'sep:depthwise', 'sep:pointwise'], 'predicate'],
    ['a layer', net.getLayer('conv_b'), ['conv_b'], 'layer "conv_b"'],
    // Both branches are first.
    ['first', 'first', ['conv_a', 'conv_b'], 'first linear layer'],
    ['last', 'last', ['mix#1'], 'last linear layer'],
    ['position first', { position: 'first' }, ['conv_a', 'conv_b'], 'first linear layer'],
    ['first of a class', { position: 'first', className: 'Dense' }, ['dense'], 'first Dense'],
    ['last of a family', { position: 'last', className: CONVOLUTIONS }, ['sep:pointwise'], 'last convolution'],
    ['a range', { range: [1, 3] }, ['conv_b', 'sep:depthwise', 'sep:pointwise'], 'linear layer 1 to 3'],
    ['a range of a class', { range: [1, 2], className: 'Dense' }, ['mix', 'mix#1'], 'Dense 1 to 2'],
    ['the first few', { firstN: 3 }, CONVS.slice(0, 3), 'among the first 3'],
    ['the first few of a class', { firstN: 1, className: 'Dense' }, ['dense'], 'among the first 1'],
    ['className', { className: 'SeparableConv2D' }, CONVS.slice(2), 'any SeparableConv2D'],
    ['several', { className: ['Add', 'Dense'] }, ['sum', ...DENSES], 'any Add or Dense'],
    ['role', { role: 'pointwise' }, ['sep:pointwise'], 'role :pointwise'],
    ['name', { name: 'mix' }, ['mix', 'mix#1'], 'name "mix"'],
    ['name, an address', { name: 'mix#1' }, ['mix#1'], 'name "mix#1"'],
    ['weighted', { weighted: true }, [...CONVS, ...DENSES], 'any weighted linear layer'],
    ['not weighted', { weighted: false }, ['sum'], 'any sum or average'],
    ['before a ReLU', { beforeRelu: true }, ['conv_a', 'sep:pointwise'], 'before a ReLU'],
    ['two conditions', { className: 'Dense', name: 'mix#1' }, ['mix#1'], 'name "mix#1", any Dense'],
    ['weighted, not before a ReLU', { weighted: true, beforeRelu: false }, ['conv_b', 'sep:depthwise', ...DENSES]],
    ['anything', {}, [...CONVS.slice(0, 2), 'sum', ...CONVS.slice(2), ...DENSES], 'any step'],
  ];
  test.each(cases)('%s', (_what, match, addresses, because) => {
    const [own, reason] = marked(match);
    expect([...own].sort()).toEqual([...addresses].sort());
    if (because !== undefined) expect(reason).toBe(because);
  });

  test('a class', () => {
    const DenseClass = net.getLayer('mix').constructor as new (...args: never[]) => tfl.layers.Layer;
    expect(marked(DenseClass)).toEqual([DENSES, 'class Dense']);
    // Any layer: subclasses count. (The base class is abstract to the compiler.)
    expect(marked(tfl.layers.Layer as unknown as LayerClass)[0]).toHaveLength(8);
  });

  test('#0 may be written out', () => {
    expect(marked('conv_a#0')[0]).toEqual(['conv_a']);
    expect(marked('sep#0:depthwise')[0]).toEqual(['sep:depthwise']);
  });
});

/** Rules of the weighted rows, and the activation of `dense`. */
function rulesOf(rules: RulesInput): Record<string, string> {
  const { rows } = plan(net, rules);
  const own = rows.filter((row) => [...CONVS, ...DENSES, 'dense:activation'].includes(row.address));
  return Object.fromEntries(own.map((row) => [row.address, row.rule.replace(/\(.*/, '')]));
}
const REST = Object.fromEntries([...CONVS, ...DENSES].map((address) => [address, 'epsilon']));
const DEFAULTS = { ...REST, 'dense:activation': 'pass' };

describe('the forms of rules', () => {
  test('one rule: every weighted step, or every step of its kind', () => {
    const all = Object.fromEntries([...CONVS, ...DENSES].map((address) => [address, 'flat']));
    expect(rulesOf(flat())).toEqual({ ...DEFAULTS, ...all });
    expect(plan(net, flat()).rows.find((row) => row.address === 'sum')?.rule).toMatch(/^norm/);
    expect(rulesOf(derivative())).toEqual({ ...DEFAULTS, 'dense:activation': 'derivative' });
  });

  test('a record, a Map with a class and a pattern, a function', () => {
    expect(rulesOf({ conv_a: flat(), Dense: wSquare() })).toEqual({
      ...DEFAULTS,
      conv_a: 'flat',
      dense: 'w-square',
      mix: 'w-square',
      'mix#1': 'w-square',
    });
    const map = new Map<Match, ReturnType<typeof flat>>([
      [/^conv/, flat()],
      [net.getLayer('dense'), wSquare()],
    ]);
    expect(rulesOf(map)).toEqual({ ...DEFAULTS, conv_a: 'flat', conv_b: 'flat', dense: 'w-square' });
    const byCall: RulesInput = ({ layer, className }) =>
      layer.name === 'mix' ? flat() : className === 'Dense' ? derivative() : undefined;
    expect(rulesOf(byCall)).toEqual({ ...DEFAULTS, mix: 'flat', 'mix#1': 'flat', 'dense:activation': 'derivative' });
    expect(plan(net, byCall).rows.at(-1)?.because).toBe('function of the layer');
  });

  test('a function is asked once per call, and must answer a rule', async () => {
    const asked: string[] = [];
    plan(net, ({ layer }) => {
      asked.push(layer.name);
      return undefined;
    });
    // The input and the layers without steps are not asked.
    expect([...asked].sort()).toEqual(['conv_a', 'conv_b', 'dense', 'flatten', 'mix', 'mix', 'relu', 'sep', 'sum']);
    const wrong = (() => 'epsilon') as unknown as () => undefined;
    expect(await errorOf(() => plan(net, wrong))).toBeInstanceOf(RuleError);
  });

  test('something else', async () => {
    for (const wrong of [null, 3, true]) {
      const error = await errorOf(() => plan(net, wrong as unknown as RulesInput));
      expect(error).toBeInstanceOf(RuleError);
      expect(error.message).toContain(`received ${wrong}`);
    }
  });
});

describe('who wins', () => {
  test('the first entry that matches and serves', () => {
    const entries = [
      { match: 'last', rule: wSquare() },
      // Serves activations only, so that it does not hide what follows.
      { match: 'Dense', rule: derivative() },
      { match: 'Dense', rule: flat() },
      { match: {}, rule: zPlus() },
    ];
    const convs = Object.fromEntries(CONVS.map((address) => [address, zPlus().name]));
    const expected = { dense: 'flat', 'dense:activation': 'derivative', mix: 'flat', 'mix#1': 'w-square', ...convs };
    expect(rulesOf(composite('mine', entries))).toEqual(expected);
  });

  test('combine: the earlier composite, after the functions of all', () => {
    const [a, b] = [composite('a', [{ match: 'mix', rule: flat() }]), composite('b', [{ match: {}, rule: wSquare() }])];
    const joined = combine(a, b);
    expect(joined.name).toBe('a + b');
    expect(rulesOf(joined)).toMatchObject({ conv_a: 'w-square', mix: 'flat', 'mix#1': 'flat' });
    expect(rulesOf(combine(b, a))).toMatchObject({ conv_a: 'w-square', mix: 'w-square' });
    const asked = composite('c', [], { ruleOf: ({ layer }) => (layer.name === 'mix' ? gamma() : undefined) });
    expect(rulesOf(combine(a, b, asked))).toMatchObject({ conv_a: 'w-square', mix: 'gamma' });
  });
});

describe('what is refused', () => {
  const messages = async (model: tfl.LayersModel, rules: RulesInput) => {
    const error = await errorOf(() => plan(model, rules));
    expect(error).toBeInstanceOf(PlanError);
    return (error as PlanError).problems.map((problem) => problem.message);
  };

  test('a name of nothing: the nearest are named', async () => {
    expect(await messages(net, { conv_c: flat(), Dence: flat(), 'sep:depth': flat() })).toMatchInlineSnapshot(`
      [
        "Rule flat: "conv_c" is neither a layer, an address nor a class of this model. Nearest: conv_a, conv_b, Conv2D.",
        "Rule flat: "Dence" is neither a layer, an address nor a class of this model. Nearest: dense, Dense, sep.",
        "Rule flat: "sep:depth" is neither a layer, an address nor a class of this model. Nearest: sep:depthwise, sep, :depthwise.",
      ]
    `);
  });

  test('a pattern, conditions or a predicate that fit nothing', async () => {
    const nobody = () => false;
    const rules = new Map<Match, ReturnType<typeof flat>>([
      [/nowhere/, flat()],
      [{ className: 'LSTM' }, flat()],
      [nobody, flat()],
    ]);
    expect(await messages(net, rules)).toMatchInlineSnapshot(`
      [
        "Rule flat: its match (/nowhere/) fits no step of this model.",
        "Rule flat: its match ({"className":"LSTM"}) fits no step of this model.",
        "Rule flat: its match (nobody) fits no step of this model.",
      ]
    `);
  });

  test('unless it is optional', () => {
    const optional = composite('mine', [{ match: /nowhere/, rule: flat(), optional: true }]);
    expect(rulesOf(optional)).toEqual(DEFAULTS);
  });

  test('steps the rule cannot serve', async () => {
    expect(await messages(net, { relu: flat(), sum: wSquare() })).toMatchInlineSnapshot(`
      [
        "Rule flat serves linear steps and cannot serve relu: "relu" is an elementwise step. Choose a rule for these steps, or match other layers.",
        "Rule w-square serves linear steps and cannot serve sum: "add" has no weights to square. Choose a rule for these steps, or match other layers.",
      ]
    `);
  });

  test('a name that is also a class, or a position', async () => {
    const inputs = tfl.input({ shape: [2] });
    const inner = apply(layers.dense({ units: 2, name: 'Dense' }), inputs);
    const model = tfl.model({ inputs, outputs: apply(layers.dense({ units: 2, name: 'last' }), inner) });
    expect(await messages(model, { Dense: flat(), last: flat() })).toEqual([
      expect.stringContaining(`Say which: {name: 'Dense'} or {className: 'Dense'}`),
      expect.stringContaining(`Say which: {name: 'last'} or {position: 'last'}`),
    ]);
    const own = (match: Match) =>
      plan(model, new Map([[match, flat()]]))
        .rows.filter((row) => row.rule === 'flat')
        .map((row) => row.address);
    expect(own({ name: 'Dense' })).toEqual(['Dense']);
    expect(own({ className: 'Dense' })).toEqual(['Dense', 'last']);
    expect(own({ position: 'first' })).toEqual(['Dense']);
  });

  test('the rule of a layer that was folded away: nothing to say, nothing to do', () => {
    const inputs = tfl.input({ shape: [2] });
    const hidden = apply(layers.dense({ units: 2, name: 'd' }), inputs);
    const model = tfl.model({ inputs, outputs: apply(layers.batchNormalization({ name: 'bn' }), hidden) });
    const rows = (rules: RulesInput) => plan(model, rules).rows.map((row) => row.rule.replace(/\(.*/, ''));
    expect(rows({ bn: epsilon(), d: flat() }).slice(-2)).toEqual(['flat', '-']);
    expect(rows({ BatchNormalization: epsilon() }).slice(-2)).toEqual(['epsilon', '-']);
  });
});

describe('a nested model', () => {
  const inner = tfl.sequential({
    name: 'encoder',
    layers: [
      layers.dense({ units: 3, activation: 'relu', inputShape: [3], name: 'in' }),
      tfl.sequential({ name: 'deep', layers: [layers.dense({ units: 3, inputShape: [3], name: 'out' })] }),
    ],
  });
  const x = tfl.input({ shape: [3], name: 'x' });
  const head = layers.dense({ units: 2, name: 'head' });
  const twice = tfl.model({ inputs: x, outputs: apply(head, apply(inner, apply(inner, x))), name: 'net' });
  const first = ['encoder/in', 'encoder/deep/out'];
  const second = ['encoder#1/in', 'encoder#1/deep/out'];

  test.each<[string, Match, string[]]>([
    ['by name: all its layers, in all its calls', 'encoder', [...first, ...second]],
    ['one call of it', 'encoder#1', second],
    ['inside another one', 'deep', ['encoder/deep/out', 'encoder#1/deep/out']],
    ['as a condition among others', { name: 'encoder', position: 'first' }, ['encoder/in']],
  ])('%s', (_what, match, expected) => {
    const { rows } = plan(twice, composite('test', [{ match, rule: flat() }]));
    expect(rows.filter((row) => row.rule === 'flat').map((row) => row.address)).toEqual(expected);
  });
});
