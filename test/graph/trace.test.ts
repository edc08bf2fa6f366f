import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { formatAddress, parseAddress } from '../../src/address.js';
import { type Trace, trace } from '../../src/graph/trace.js';
import { type PlanError, plan } from '../../src/index.js';
import { apply, applyAll, at, errorOf, tensorCount } from '../explanation/tools.js';

function addresses({ calls }: Trace): string[] {
  return calls.map(({ call }) => formatAddress(call.address));
}

/** Every edge that a call reads is a model input or was made by an earlier call. */
function expectRunnable({ calls, inputs, outputs, nextEdge }: Trace): void {
  const known = new Set(inputs.map((input) => input.edge));
  for (const { call, outputs: made } of calls) {
    for (const edge of call.inputs) expect(known.has(edge)).toBe(true);
    expect(made).toHaveLength(call.outputShapes.length);
    expect(call.inputs).toHaveLength(call.inputShapes.length);
    for (const edge of made) known.add(edge);
  }
  for (const output of outputs) expect(known.has(output.edge)).toBe(true);
  expect(Math.max(...known)).toBeLessThan(nextEdge);
}

function dense(name: string, units = 3) {
  return tfl.layers.dense({ units, name });
}

/** A functional model of one dense layer. */
function denseModel(name: string, inner = 'dense', units = 3) {
  const input = tfl.input({ shape: [3], name: `${name}_in` });
  return tfl.model({ inputs: input, outputs: apply(dense(inner, units), input), name });
}

test('a Sequential: its layers in order, input first', () => {
  const model = tfl.sequential({
    name: 'chain',
    layers: [
      tfl.layers.dense({ units: 3, inputShape: [2], name: 'a' }),
      tfl.layers.dropout({ rate: 0.5, name: 'b' }),
      dense('c'),
    ],
  });
  const traced = trace(model);
  expect(addresses(traced).slice(1)).toEqual(['a', 'b', 'c']);
  expect(traced.calls.map(({ call }) => call.className)).toEqual(['InputLayer', 'Dense', 'Dropout', 'Dense']);
  expect(traced.modelName).toBe('chain');
  expect(at(traced.inputs, 0)).toMatchObject({ shape: [null, 2], dtype: 'float32' });
  expect(traced.outputs).toMatchObject([{ name: 'c', shape: [null, 3] }]);
  expectRunnable(traced);
});

test('layers that lead to no output are left out', () => {
  const input = tfl.input({ shape: [3], name: 'x' });
  const used = apply(dense('used'), input);
  apply(dense('unused'), used);
  expect(addresses(trace(tfl.model({ inputs: input, outputs: used })))).toEqual(['x', 'used']);
});

test('nested models open, three deep', () => {
  const level3 = denseModel('level3');
  const in2 = tfl.input({ shape: [3], name: 'in2' });
  const level2 = tfl.model({ inputs: in2, outputs: apply(level3, apply(dense('dense'), in2)), name: 'level2' });
  const level1 = tfl.sequential({
    name: 'level1',
    layers: [tfl.layers.dense({ units: 3, inputShape: [3], name: 'dense' }), level2],
  });
  const input = tfl.input({ shape: [3], name: 'x' });
  const model = tfl.model({ inputs: input, outputs: apply(dense('dense'), apply(level1, input)) });
  const traced = trace(model);
  expect(addresses(traced)).toEqual([
    'x',
    `level1/${at(level1.inputNames, 0)}`,
    'level1/dense',
    'level1/level2/in2',
    'level1/level2/dense',
    'level1/level2/level3/level3_in',
    'level1/level2/level3/dense',
    'dense',
  ]);
  expectRunnable(traced);
});

test('a nested model called twice has a call number in its path, a layer shared inside one of its own', () => {
  const inner = tfl.input({ shape: [3], name: 'in' });
  const layer = dense('dense');
  const enc = tfl.model({ inputs: inner, outputs: apply(layer, apply(layer, inner)), name: 'enc' });
  const input = tfl.input({ shape: [3], name: 'x' });
  const model = tfl.model({ inputs: input, outputs: apply(enc, apply(enc, input)) });
  const traced = trace(model);
  expect(addresses(traced)).toEqual([
    'x',
    'enc/in',
    'enc/dense',
    'enc/dense#1',
    'enc#1/in',
    'enc#1/dense',
    'enc#1/dense#1',
  ]);
  expectRunnable(traced);
  expect(traced.outputs).toMatchObject([{ name: 'enc' }]);
  // One weight, so that what is derived from it is derived once.
  const kernels = traced.calls
    .filter(({ call }) => call.className === 'Dense')
    .map(({ call }) => call.weight('kernel'));
  expect(kernels).toHaveLength(4);
  expect(new Set(kernels).size).toBe(1);
});

test('a layer that other models use too is counted by its calls here', () => {
  const layer = dense('shared');
  const other = tfl.input({ shape: [3] });
  tfl.model({ inputs: other, outputs: apply(layer, apply(layer, other)) });
  const input = tfl.input({ shape: [3], name: 'x' });
  const model = tfl.model({ inputs: input, outputs: apply(layer, apply(layer, input)) });
  expect(addresses(trace(model))).toEqual(['x', 'shared', 'shared#1']);
  const cut = tfl.model({ inputs: input, outputs: at(model.layers, 1).getOutputAt(2) as tfl.SymbolicTensor });
  expect(addresses(trace(cut))).toEqual(['x', 'shared']);
});

test('calls are numbered as the graph runs, wherever in it the layer is', () => {
  const layer = dense('shared');
  const input = tfl.input({ shape: [3], name: 'x' });
  const first = apply(layer, input);
  const second = apply(layer, apply(dense('between'), first));
  const traced = trace(tfl.model({ inputs: input, outputs: apply(tfl.layers.add({ name: 'add' }), [second, first]) }));
  expect(addresses(traced)).toEqual(['x', 'shared', 'between', 'shared#1', 'add']);
  expectRunnable(traced);
});

test.each([
  ['a functional model', () => denseModel('first')],
  [
    'a Sequential',
    () =>
      tfl.sequential({
        name: 'first',
        layers: [tfl.layers.inputLayer({ inputShape: [3], name: 'first_in' }), dense('dense')],
      }),
  ],
])('a Sequential that begins with %s', (_what, make) => {
  const model = tfl.sequential({ layers: [make(), dense('head', 2)] });
  const traced = trace(model);
  expect(addresses(traced)).toEqual(['first/first_in', 'first/dense', 'head']);
  expect(at(traced.inputs, 0)).toMatchObject({ name: 'first_in', shape: [null, 3] });
  expectRunnable(traced);
});

test('a Sequential that begins with one that begins with a model', () => {
  const inner = tfl.sequential({ name: 'inner', layers: [denseModel('core'), dense('middle')] });
  const model = tfl.sequential({ layers: [inner, dense('head')] });
  const traced = trace(model);
  expect(addresses(traced)).toEqual(['inner/core/core_in', 'inner/core/dense', 'inner/middle', 'head']);
  expectRunnable(traced);
  const input = tfl.input({ shape: [3], name: 'x' });
  const around = trace(tfl.model({ inputs: input, outputs: apply(model, apply(model, input)), name: 'around' }));
  const path = model.name;
  expect(addresses(around)).toEqual([
    'x',
    ...[path, `${path}#1`].flatMap((at) => [
      `${at}/inner/core/core_in`,
      `${at}/inner/core/dense`,
      `${at}/inner/middle`,
      `${at}/head`,
    ]),
  ]);
  expectRunnable(around);
});

test('a Sequential that is nothing but a model', () => {
  const model = tfl.sequential({ layers: [denseModel('only')] });
  const traced = trace(model);
  expect(addresses(traced)).toEqual(['only/only_in', 'only/dense']);
  expectRunnable(traced);
});

test('several inputs and outputs, in nested models too', () => {
  const [a, b] = [tfl.input({ shape: [2], name: 'a' }), tfl.input({ shape: [3], name: 'b' })];
  const both = apply(tfl.layers.concatenate({ name: 'cat' }), [a, b]);
  const nested = tfl.model({ inputs: [b, a], outputs: [apply(dense('left'), both), both], name: 'two' });
  const [x, y] = [tfl.input({ shape: [3], name: 'x' }), tfl.input({ shape: [2], name: 'y' })];
  const [left, right] = applyAll(nested, [x, y]);
  if (!left || !right) throw new Error('two outputs expected');
  const model = tfl.model({ inputs: [y, x], outputs: [right, apply(dense('top'), left)] });
  const traced = trace(model);
  expect(addresses(traced)).toEqual(['y', 'x', 'two/b', 'two/a', 'two/cat', 'two/left', 'top']);
  expect(traced.inputs.map((port) => port.name)).toEqual(['y', 'x']);
  expect(traced.outputs.map((port) => [port.name, port.shape])).toEqual([
    ['two', [null, 5]],
    ['top', [null, 3]],
  ]);
  expectRunnable(traced);
  const [cat] = traced.calls.filter(({ call }) => call.address.layer === 'cat');
  // a of the nested model is y of the outer one.
  expect(cat?.call.inputShapes).toEqual([
    [null, 2],
    [null, 3],
  ]);
  expect(traced.outputs[0]?.edge).toBe(cat?.outputs[0]);
});

test('outputs of one layer are told apart by a number', () => {
  const layer = dense('shared');
  const input = tfl.input({ shape: [3], name: 'x' });
  const once = apply(layer, input);
  const model = tfl.model({ inputs: input, outputs: [once, apply(dense('own'), once), apply(layer, once)] });
  expect(trace(model).outputs.map((port) => port.name)).toEqual(['shared:0', 'own', 'shared:1']);
});

test('the same tensor given twice to one layer is read twice', () => {
  const input = tfl.input({ shape: [3], name: 'x' });
  const traced = trace(tfl.model({ inputs: input, outputs: apply(tfl.layers.add({ name: 'add' }), [input, input]) }));
  const add = at(traced.calls, 1).call;
  expect(add.inputs).toEqual([at(traced.inputs, 0).edge, at(traced.inputs, 0).edge]);
});

test('an output may be the input itself, and an inner tensor', () => {
  const input = tfl.input({ shape: [3], name: 'x' });
  const inner = apply(dense('inner'), input);
  const traced = trace(tfl.model({ inputs: input, outputs: [input, inner, apply(dense('top'), inner)] }));
  expect(traced.outputs.map((port) => port.name)).toEqual(['x', 'inner', 'top']);
  expect(at(traced.outputs, 0).edge).toBe(at(traced.inputs, 0).edge);
  expect(addresses(traced)).toEqual(['x', 'inner', 'top']);
});

test('every address of a plan parses and prints back', () => {
  const inner = tfl.input({ shape: [3], name: 'in' });
  const layer = tfl.layers.dense({ units: 3, name: 'dense', activation: 'relu' });
  const enc = tfl.model({ inputs: inner, outputs: apply(layer, apply(layer, inner)), name: 'enc' });
  const input = tfl.input({ shape: [3], name: 'x' });
  const made = plan(tfl.model({ inputs: input, outputs: apply(enc, apply(enc, input)) }));
  const printed = made.rows.map((row) => row.address);
  expect(printed).toEqual([
    'x',
    'enc/in',
    'enc/dense',
    'enc/dense:activation',
    'enc/dense#1',
    'enc/dense#1:activation',
    'enc#1/in',
    'enc#1/dense',
    'enc#1/dense:activation',
    'enc#1/dense#1',
    'enc#1/dense#1:activation',
  ]);
  for (const address of printed) expect(formatAddress(parseAddress(address))).toBe(address);
  expect(parseAddress('enc#1/dense#1:activation')).toEqual({
    path: ['enc#1'],
    layer: 'dense',
    call: 1,
    role: 'activation',
  });
  expect(formatAddress(parseAddress('enc#0/dense#0'))).toBe('enc/dense');
  made.dispose();
});

test('call arguments are kept', () => {
  const input = tfl.input({ shape: [3] });
  const model = tfl.model({ inputs: input, outputs: apply(dense('dense'), input, { training: false }) });
  expect(at(trace(model).calls, 1).call.callArgs).toEqual({ training: false });
});

test('tracing makes no tensor', () => {
  const model = denseModel('quiet');
  const before = tensorCount();
  const [first, , last] = [tf.scalar(0), trace(model), tf.scalar(0)];
  // Tensors are numbered as they are made.
  expect(last.id - first.id).toBe(1);
  tf.dispose([first, last]);
  expect(tensorCount()).toBe(before);
});

test('a Sequential without layers is refused', async () => {
  const model = tfl.sequential({ name: 'unbuilt' });
  const error = (await errorOf(() => trace(model))) as PlanError;
  expect(error.code).toBe('plan');
  expect(error.message).toMatchInlineSnapshot(`
    "The model cannot be explained as asked (1 problem):
      1. The model "unbuilt" has no outputs yet. Give its first layer an inputShape, or call model.build(shape), before planning."
  `);
});
