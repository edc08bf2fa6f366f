// tfjs does not take a mask back: once a layer was handed one, the layers after it are, whether or not their input has one.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { explain, InputError, type Plan, plan } from '../../src/index.js';
import {
  apply,
  errorOf,
  expectClose,
  expectSame,
  predict,
  randomizeWeights,
  tensorCount,
} from '../explanation/tools.js';
import { at, predictOnCpu, randomTensor } from '../layers/reproduce.js';
import { onCpu } from '../on-cpu.js';
import { recurrent, withGaps } from './models.js';

type Tensor = tfl.SymbolicTensor;

const [TIMES, FEATURES] = [4, 2];
const dense = () => tfl.layers.dense({ units: 2 });

const BETWEEN: Readonly<Record<string, () => tfl.layers.Layer[]>> = {
  'a layer that ends masks': () => [
    tfl.layers.conv1d({ filters: 3, kernelSize: 2, padding: 'same' }),
    recurrent('gru', { units: 3 }),
  ],
  'encoder and decoder': () => [
    recurrent('lstm', { units: 3 }),
    tfl.layers.repeatVector({ n: TIMES }),
    recurrent('lstm', { units: 3 }),
  ],
  'both ways': () => [
    recurrent('lstm', { units: 3 }),
    tfl.layers.repeatVector({ n: TIMES }),
    tfl.layers.bidirectional({ layer: recurrent('gru', { units: 2 }), mergeMode: 'concat' }),
  ],
  'a model inside': () => [
    tfl.sequential({
      layers: [tfl.layers.dense({ units: 3, inputShape: [TIMES, FEATURES] }), recurrent('simpleRNN', { units: 3 })],
    }),
  ],
  'a softmax of as many units': () => [
    recurrent('lstm', { units: 3 }),
    tfl.layers.dense({ units: TIMES }),
    tfl.layers.softmax({ axis: -1 }),
  ],
};

test.each(Object.keys(BETWEEN))('%s', async (name) => {
  const layers = BETWEEN[name]?.() ?? [];
  const model = tfl.sequential({
    layers: [tfl.layers.masking({ inputShape: [TIMES, FEATURES] }), ...layers, dense()],
  });
  randomizeWeights(model);
  const x = withGaps(randomTensor([2, TIMES, FEATURES]));
  const expected = await predictOnCpu(model, [x]);
  const before = tensorCount();
  const reused = plan(model, 'recurrent');
  const explanation = reused.explain(x);
  await expectClose(at(explanation.outputs, 0).value, at(expected, 0));
  expect((await explanation.conservation()).verdict).toBe('closed');
  await onCpu(
    async () => {
      for (const { address, difference } of await reused.check(x)) expect(difference, address).toBeLessThan(1e-5);
    },
    model,
    x,
  );
  for (const disposable of [explanation, reused]) disposable.dispose();
  expect(tensorCount()).toBe(before);
  tf.dispose([x, ...expected]);
  model.dispose();
});

/** Explains the model's outputs and compares each with what `predict` answers, call by call too. */
async function agreesWithPredict(model: tfl.LayersModel, inputs: tf.Tensor[]): Promise<Plan> {
  randomizeWeights(model);
  const expected = await onCpu(() => predict(model, inputs), model, ...inputs);
  const reused = plan(model, 'recurrent', { canonize: { links: false } });
  const explanation = reused.explain(inputs);
  for (const [index, output] of explanation.outputs.entries()) await expectClose(output.value, at(expected, index));
  expect((await explanation.conservation()).verdict).toBe('closed');
  await onCpu(
    async () => {
      for (const { address, difference } of await reused.check(inputs)) expect(difference, address).toBeLessThan(1e-5);
    },
    model,
    ...inputs,
  );
  tf.dispose([...inputs, ...expected]);
  explanation.dispose();
  return reused;
}

const notesOf = ({ rows }: Plan, layer: string) => rows.filter(({ address }) => address.startsWith(layer))[0]?.notes;

// `predict` runs the branch of the last input first.
test.each([
  ['first', []],
  ['last', ['masked by "masks" though no input of its own is: predict hands that mask on']],
])('a branch beside the one that is masked, merged %s', async (place, notes) => {
  const [a, b] = [tfl.input({ shape: [TIMES, FEATURES] }), tfl.input({ shape: [TIMES, FEATURES] })];
  const masked = apply(recurrent('gru', { units: 3 }), apply(tfl.layers.masking({ name: 'masks' }), a));
  const plain = apply(recurrent('lstm', { units: 3, name: 'plain' }), b);
  const branches = place === 'first' ? [masked, plain] : [plain, masked];
  const output = apply(dense(), apply(tfl.layers.concatenate(), branches));
  const model = tfl.model({ inputs: [a, b], outputs: output });
  const inputs = [withGaps(randomTensor([2, TIMES, FEATURES], 1)), randomTensor([2, TIMES, FEATURES], 2)];
  const reused = await agreesWithPredict(model, inputs);
  expect(notesOf(reused, 'plain')).toEqual(notes);
  for (const disposable of [reused, model]) disposable.dispose();
});

test('the mask of a longer sequence, read from either end', async () => {
  const input = tfl.input({ shape: [TIMES + 2, FEATURES] });
  const code = apply(recurrent('gru', { units: 3 }), apply(tfl.layers.masking(), input));
  const sequence = apply(tfl.layers.repeatVector({ n: TIMES }), code);
  const ahead = apply(recurrent('lstm', { units: 2 }), sequence);
  const back = apply(recurrent('gru', { units: 2, goBackwards: true }), sequence);
  const model = tfl.model({ inputs: input, outputs: apply(dense(), apply(tfl.layers.concatenate(), [ahead, back])) });
  const reused = await agreesWithPredict(model, [withGaps(randomTensor([2, TIMES + 2, FEATURES]))]);
  for (const disposable of [reused, model]) disposable.dispose();
});

test('the mask of a shorter sequence, which tfjs cannot predict with, is refused', async () => {
  const model = tfl.sequential({
    layers: [
      tfl.layers.masking({ inputShape: [TIMES, FEATURES] }),
      recurrent('gru', { units: 3 }),
      tfl.layers.repeatVector({ n: TIMES + 2 }),
      recurrent('lstm', { units: 2 }),
    ],
  });
  const x = withGaps(randomTensor([2, TIMES, FEATURES]));
  expect(() => model.predict(x)).toThrow();
  const error = await errorOf(() => explain(model, x, 'recurrent'));
  expect(error).toBeInstanceOf(InputError);
  expect(error.message).toMatch(/^A sequence of 6 time steps goes along with a mask, or another sequence, of 4\./);
  for (const disposable of [x, model]) disposable.dispose();
});

test('a recurrent layer at each time step is handed the mask of those time steps', async () => {
  const model = tfl.sequential({
    layers: [
      tfl.layers.masking({ inputShape: [TIMES, FEATURES] }),
      tfl.layers.dense({ units: 6 }),
      tfl.layers.reshape({ targetShape: [TIMES, 3, 2] }),
      tfl.layers.timeDistributed({ layer: recurrent('gru', { units: 2 }) }),
      tfl.layers.timeDistributed({
        layer: tfl.sequential({ layers: [tfl.layers.dense({ units: 2, inputShape: [2] })] }),
      }),
    ],
  });
  const reused = await agreesWithPredict(model, [withGaps(randomTensor([2, TIMES, FEATURES]))]);
  expect(reused.rows.some(({ step }) => step === 'mask for each time step')).toBe(true);
  for (const disposable of [reused, model]) disposable.dispose();
});

test('pictures over time are masked pixel by pixel', async () => {
  const model = tfl.sequential({
    layers: [
      tfl.layers.masking({ inputShape: [3, 3, 3, 2] }),
      tfl.layers.convLstm2d({ filters: 2, kernelSize: 2, padding: 'same', recurrentInitializer: 'glorotNormal' }),
      tfl.layers.flatten(),
      dense(),
    ],
  });
  const pixels = tf.reshape(withGaps(randomTensor([2, 27, 2])), [2, 3, 3, 3, 2]);
  const reused = await agreesWithPredict(model, [pixels]);
  for (const disposable of [reused, model]) disposable.dispose();
});

test('masked rows of a table reach no softmax as features', async () => {
  const model = tfl.sequential({
    layers: [tfl.layers.masking({ inputShape: [1] }), tfl.layers.dense({ units: 3 }), tfl.layers.softmax({ axis: -1 })],
  });
  const reused = await agreesWithPredict(model, [tf.tensor2d([[2]])]);
  for (const disposable of [reused, model]) disposable.dispose();
});

test('what an inner model is given and what it hands on from its input are two tensors', async () => {
  const inside = tfl.input({ shape: [2] });
  const inner = tfl.model({ inputs: inside, outputs: apply(dense(), inside), name: 'inner' });
  const input = tfl.input({ shape: [2] });
  const given = apply(tfl.layers.dense({ units: 2, name: 'given' }), input);
  const output = apply(tfl.layers.add(), [apply(inner, given), given]);
  const model = tfl.model({ inputs: input, outputs: output });
  randomizeWeights(model);
  const x = randomTensor([1, 2]);
  const explanation = explain(model, x, 'epsilon');
  const [atInput = '', inInner = ''] = Object.keys(explanation.layers).filter((address) =>
    address.startsWith('inner/'),
  );
  expect(explanation.layers[atInput]?.layerType).toBe('InputLayer');
  // What the other branch hands to "given" is no relevance of the inner model's input.
  const [reads, branch] = [explanation.layers[atInput]?.output, explanation.layers[inInner]?.inputs[0]];
  if (!reads || !branch) throw new Error('no relevance inside');
  await expectSame(reads, branch);
  for (const disposable of [explanation, x, model]) disposable.dispose();
});

const MERGED: Readonly<Record<string, (masked: Tensor, plain: Tensor, other: Tensor) => Tensor>> = {
  'two sequences, one after the other': (masked, _, other) =>
    apply(tfl.layers.concatenate({ axis: 1 }), [masked, other]),
  'two sequences side by side': (masked, plain) => apply(tfl.layers.concatenate({ axis: 2 }), [masked, plain]),
  'a mask of the second summand alone': (masked, plain) => apply(tfl.layers.add(), [plain, masked]),
  'a mask of the second factor alone': (masked, plain) => apply(tfl.layers.multiply(), [plain, masked]),
  'scores of two masked sequences': (masked, _, other) => apply(tfl.layers.dot({ axes: [2, 2] }), [masked, other]),
  'attention to a masked sequence': (masked, _, other) => {
    const scores = apply(tfl.layers.dot({ axes: [2, 2] }), [masked, other]);
    const weights = apply(tfl.layers.activation({ activation: 'softmax' }), scores);
    return apply(tfl.layers.dot({ axes: [2, 1] }), [weights, other]);
  },
};

test.each(Object.keys(MERGED))('masks that meet: %s', async (name) => {
  const inputs = [1, 2, 3].map(() => tfl.input({ shape: [TIMES, FEATURES] }));
  const [a, b, c] = inputs as [Tensor, Tensor, Tensor];
  const masked = [a, c].map((input) => apply(tfl.layers.masking(), input)) as [Tensor, Tensor];
  const met = MERGED[name]?.(masked[0], b, masked[1]) ?? a;
  // Every input is read, whether or not the operation wants it.
  const plain = apply(tfl.layers.globalMaxPooling1d(), b);
  const read = apply(recurrent('lstm', { units: 3 }), met);
  const output = apply(dense(), apply(tfl.layers.concatenate(), [read, plain]));
  const model = tfl.model({ inputs, outputs: output });
  const given = [1, 2, 3].map((seed) => withGaps(randomTensor([2, TIMES, FEATURES], seed)));
  const reused = await agreesWithPredict(model, given);
  for (const disposable of [reused, model]) disposable.dispose();
});

test('a layer that tfjs cannot run is a row of the check, not its end', async () => {
  const input = tfl.input({ shape: [TIMES, FEATURES] });
  const masked = apply(tfl.layers.masking(), input);
  // tfjs adds the mask of two samples to four axes at once.
  const softmax = apply(
    tfl.layers.softmax({ name: 'weights' }),
    apply(tfl.layers.dot({ axes: [2, 2] }), [masked, masked]),
  );
  const model = tfl.model({ inputs: input, outputs: apply(tfl.layers.flatten(), softmax) });
  const [reused, x] = [plan(model, 'epsilon'), withGaps(randomTensor([2, TIMES, FEATURES]))];
  const before = tensorCount();
  const rows = await onCpu(() => reused.check(x), model, x);
  expect(tensorCount()).toBe(before);
  const [failed, ...others] = rows.filter(({ problem }) => problem !== null);
  expect(others).toEqual([]);
  expect(failed?.address).toBe('weights');
  expect(failed?.problem).toMatch(/^the layer itself fails: Operands could not be broadcast/);
  for (const disposable of [reused, model, x]) disposable.dispose();
});

// tfjs puts an axis before the mask of two masked inputs that are added up; where sizes happen to fit, that runs.
test('a mask that tfjs gets wrong shows in the check of the model', async () => {
  const [a, b] = [tfl.input({ shape: [3, FEATURES] }), tfl.input({ shape: [3, FEATURES] })];
  const sum = apply(tfl.layers.add(), [apply(tfl.layers.masking(), a), apply(tfl.layers.masking(), b)]);
  const model = tfl.model({ inputs: [a, b], outputs: apply(recurrent('gru', { units: 3 }), sum), name: 'twice' });
  randomizeWeights(model);
  const inputs = [1, 2].map((seed) =>
    tf.concat([withGaps(randomTensor([2, 3, FEATURES], seed)), tf.ones([1, 3, FEATURES])]),
  );
  const reused = plan(model, 'recurrent');
  const before = tensorCount();
  const rows = await onCpu(() => reused.check(inputs), model, ...inputs);
  expect(tensorCount()).toBe(before);
  const departing = rows.filter(({ difference }) => difference > 1e-5);
  expect(departing.map(({ address, layerType }) => `${address} ${layerType}`)).toEqual(['twice Model']);
  for (const disposable of [...inputs, reused, model]) disposable.dispose();
});
