// The runner itself: it must see a wrong number, and pass over nothing in silence.
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import { input, layers, model, type SymbolicTensor, sequential } from '@tensorflow/tfjs-layers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { checkExpectation, checkForward, type OpenCase } from './check-case.js';
import { compositeOf } from './composites.js';
import type { Expectation, ExpectedFile } from './format.js';
import { allowedNames, judge } from './judge.js';
import { loadCases } from './load-case.js';
import { Tally } from './tally.js';

// One dense layer, worked out by hand: x = (1, 2), z = (1·1 + 2·3, 1·2 + 2·4) = (7, 10); the first unit is explained.
const EXPECTATION: Expectation = {
  name: 'zero',
  method: 'lrp',
  rules: { dense: { rule: 'lrp0' } },
  target: [{ output: 'dense', index: [0], quantity: 'logit' }],
  output_relevance: [{ output: 'dense', shape: [1, 2], data: [7, 0] }],
  relevance: { x: { shape: [1, 2], data: [1, 6] } },
  relevance_sum: [7],
  layers: { dense: { input: [{ shape: [1, 2], data: [1, 6] }], output: { shape: [1, 2], data: [7, 0] } } },
  source: 'by hand',
};
const EXPECTED: ExpectedFile = {
  forward: [{ output: 'dense', shape: [1, 2], data: [7, 10] }],
  expectations: [EXPECTATION],
};
const NOBODY = allowedNames(undefined);

let open: OpenCase;
let folder: string;

beforeEach(() => {
  const kernel = tf.tensor2d([1, 2, 3, 4], [2, 2]);
  const tiny = sequential({
    layers: [layers.dense({ name: 'dense', units: 2, useBias: false, inputShape: [2], weights: [kernel] })],
  });
  open = { model: tiny, inputs: [tf.tensor2d([[1, 2]])], names: ['x'], expected: EXPECTED };
  folder = mkdtempSync(join(tmpdir(), 'golden-'));
});

afterEach(() => {
  for (const disposable of [...open.inputs, open.model]) disposable.dispose();
  rmSync(folder, { recursive: true });
});

const judged = (expectation: Expectation, allow?: string) =>
  judge('tiny', expectation.name, checkExpectation(open, expectation), allowedNames(allow));

test('right numbers agree', () => {
  expect(judge('tiny', 'forward', checkForward(open), NOBODY)).toBeNull();
  expect(judged(EXPECTATION)).toBeNull();
});

test('relevance that starts at several outputs adds up', () => {
  const x = input({ shape: [2], name: 'x' });
  const units = (name: string, kernel: number[]) =>
    layers.dense({ name, units: 1, useBias: false, weights: [tf.tensor2d(kernel, [2, 1])] }).apply(x) as SymbolicTensor;
  const two = model({ inputs: x, outputs: [units('a', [1, 3]), units('b', [2, 4])] });
  const expected: ExpectedFile = {
    forward: [
      { output: 'a', shape: [1, 1], data: [7] },
      { output: 'b', shape: [1, 1], data: [10] },
    ],
    expectations: [],
  };
  const both: Expectation = {
    name: 'both',
    method: 'lrp',
    rules: { a: { rule: 'lrp0' }, b: { rule: 'lrp0' } },
    target: [
      { output: 'b', index: [0], quantity: 'logit' },
      { output: 'a', index: 'all', quantity: 'logit' },
    ],
    output_relevance: expected.forward,
    relevance: { x: { shape: [1, 2], data: [1 + 2, 6 + 8] } },
    relevance_sum: [17],
    source: 'by hand',
  };
  expect(judge('two', 'both', checkExpectation({ ...open, model: two, expected }, both), NOBODY)).toBeNull();
  two.dispose();
});

test('a wrong number is reported with its case, expectation, tensor and error, in every way it was computed', () => {
  const wrong = { ...EXPECTATION, relevance: { x: { shape: [1, 2], data: [1, 6.003] } } };
  expect(() => judged(wrong)).toThrow(/tiny\/zero: 2 tensors differ/);
  expect(() => judged(wrong)).toThrow(/rules, given start: relevance of input x: largest relative error 5\.0e-4/);
  expect(() => judged(wrong)).toThrow(/rules, score start: relevance of input x/);
});

test.each<[string, Partial<Expectation>]>([
  ['a sum', { relevance_sum: [7.01] }],
  ['a shape', { relevance: { x: { shape: [2], data: [1, 6] } } }],
  ['not a number', { relevance: { x: { shape: [1, 2], data: [Number.NaN, 6] } } }],
  ['an unknown input', { relevance: { y: { shape: [1, 2], data: [1, 6] } } }],
  ['an unknown layer', { layers: { other: { input: [], output: { shape: [1, 2], data: [7, 0] } } } }],
  ['a count of layer inputs', { layers: { dense: { input: [], output: { shape: [1, 2], data: [7, 0] } } } }],
  [
    'relevance at a layer',
    { layers: { dense: { input: [{ shape: [1, 2], data: [1, 6] }], output: { shape: [1, 2], data: [0, 7] } } } },
  ],
  ['a start', { output_relevance: [{ output: 'dense', shape: [1, 2], data: [0, 7] }] }],
])('%s that is wrong is reported, and cannot be allowed', (_, change) => {
  expect(() => judged({ ...EXPECTATION, ...change }, 'lrp,tiny,tiny/zero,lrp0')).toThrow(/tensors differ/);
});

test('a wrong forward value is reported', () => {
  const forward = [{ output: 'dense', shape: [1, 2], data: [7, 10.001] }];
  const verdict = checkForward({ ...open, expected: { ...EXPECTED, forward } });
  expect(() => judge('tiny', 'forward', verdict, NOBODY)).toThrow(/forward dense/);
});

test('what the library cannot express fails, unless its method, rule, case or expectation is allowed', () => {
  const method = { ...EXPECTATION, method: 'gradient' };
  const rule = { ...EXPECTATION, rules: { dense: { rule: 'unheard_of' } } };
  const layer = { ...EXPECTATION, rules: { missing: { rule: 'lrp0' } } };
  for (const expectation of [method, rule, layer]) {
    expect(() => judged(expectation, 'other,lrp')).toThrow(/cannot express/);
    expect(judged(expectation, 'other, tiny')).not.toBeNull();
    expect(judged(expectation, 'tiny/zero')).not.toBeNull();
  }
  expect(judged(method, 'gradient')).toContain('gradient');
  expect(judged(rule, 'unheard_of')).toContain('unheard_of');
});

test.each<[string, Partial<Expectation>]>([
  ['a parameter of a rule', { rules: { dense: { rule: 'lrp0', epsilon: 1 } } }],
  ['a parameter of a composite', { composite: { name: 'epsilon_plus', params: { gamma: 1 } } }],
  ['a quantity', { target: [{ output: 'dense', index: [0], quantity: 'other' }] }],
  ['an output', { output_relevance: [{ output: 'other', shape: [1, 2], data: [7, 0] }] }],
  ['a treatment of batch normalization', { params: { batchnorm: 'other' } }],
])('%s the runner does not know is an error', (_, change) => {
  expect(() => judged({ ...EXPECTATION, ...change }, 'lrp,tiny,lrp0')).toThrow(/unknown|no output/);
});

test('a rule for one call wins over that of all calls, wherever it stands', () => {
  const x = input({ shape: [2], name: 'x' });
  const shared = layers.dense({ name: 'shared', units: 2, useBias: false });
  const middle = shared.apply(x) as SymbolicTensor;
  const twice = model({ inputs: x, outputs: shared.apply(middle) as SymbolicTensor });
  shared.setWeights([tf.tensor2d([1, 2, 3, 4], [2, 2])]);
  // (1, 2) → (7, 10) → (37, 54). Flat at the second call halves 37, lrp0 at the first splits 18.5 as 1:6 and as 2:8.
  const expected: ExpectedFile = {
    forward: [{ output: 'shared', shape: [1, 2], data: [37, 54] }],
    expectations: [],
  };
  const calls: Expectation = {
    ...EXPECTATION,
    rules: { shared: { rule: 'lrp0' }, 'shared#1': { rule: 'flat' } },
    target: [{ output: 'shared', index: [0], quantity: 'logit' }],
    output_relevance: [{ output: 'shared', shape: [1, 2], data: [37, 0] }],
    relevance: { x: { shape: [1, 2], data: [18.5 * (1 / 7 + 2 / 10), 18.5 * (6 / 7 + 8 / 10)] } },
    relevance_sum: [37],
    layers: {},
  };
  expect(judge('twice', 'calls', checkExpectation({ ...open, model: twice, expected }, calls), NOBODY)).toBeNull();
  twice.dispose();
});

test.each([
  'epsilon_plus',
  'epsilon_plus_flat',
  'epsilon_alpha2_beta1',
  'epsilon_alpha2_beta1_flat',
  'excitation_backprop',
  'preset-a',
  'preset-a-flat',
  'preset-b',
  'preset-b-flat',
  'deep-taylor',
])('the composite %s is known', (name) => {
  expect(compositeOf({ name, params: {} }).entries).not.toHaveLength(0);
});

test.each(['epsilon_gamma_box', 'bounded-deep-taylor'])('the composite %s is known, and wants bounds', (name) => {
  const params = { low: [-1, 0], high: [[1], [2]] };
  expect(compositeOf({ name, params: { low: 0, high: 1 } }).entries).not.toHaveLength(0);
  expect(compositeOf({ name, params }).entries).not.toHaveLength(0);
  expect(() => compositeOf({ name, params: { low: 0 } })).toThrow(/high must be a number/);
});

test('the tally names each failing case with its largest error', () => {
  const off = (tensor: string, error: number) => ({ tensor, error, detail: 'off' });
  const tally = new Tally();
  tally.count('one', 'fine', { status: 'agrees', worst: off('x', 1e-6) });
  tally.count('two', 'bad', { status: 'differs', wrong: [off('x', 2e-3), off('y', 5e-2)] });
  tally.count('two', 'worse', { status: 'differs', wrong: [off('z', 4e-2)] });
  tally.leave('three', 'gradient');
  expect(`${tally}`).toMatchInlineSnapshot(`
    "1 checks agree; farthest off: one/fine, x: largest relative error 1.0e-6 (off)
    1 left out by GOLDEN_ALLOW: three/gradient
    FAILED two: 2 checks differ, most of all two/bad, y: largest relative error 5.0e-2 (off)"
  `);
});

test('a case may be a link to a folder elsewhere', () => {
  const [first] = loadCases(fileURLToPath(new URL('./cases', import.meta.url)));
  const name = first?.name ?? '';
  symlinkSync(fileURLToPath(new URL(`./cases/${name}`, import.meta.url)), join(folder, 'linked'));
  expect(loadCases(folder).map((golden) => golden.name)).toEqual(['linked']);
});

test('a folder that is missing, empty, or holds an incomplete case is an error', () => {
  expect(() => loadCases(join(folder, 'nowhere'))).toThrow(/cannot be read/);
  expect(() => loadCases(folder)).toThrow(/holds no case/);
  mkdirSync(join(folder, 'half'));
  expect(() => loadCases(folder)).toThrow(/"half" .* lacks model\.json, weights\.bin, input\.json, expected\.json/);
  for (const file of ['model.json', 'weights.bin', 'input.json', 'expected.json']) {
    writeFileSync(join(folder, 'half', file), '{');
  }
  expect(() => loadCases(folder)).toThrow(/model\.json" is no JSON/);
});
