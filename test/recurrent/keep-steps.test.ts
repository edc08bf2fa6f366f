// Relevance at the steps inside layers, over time.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { explain, fromJSON, signalTakeAll, stop } from '../../src/index.js';
import { errorOf, expectClose, expectSame, numbers, tensorCount, total } from '../explanation/tools.js';
import { at, randomizeWeights, randomTensor } from '../layers/reproduce.js';
import { inputsOf, recurrent } from './models.js';

function lstmModel(options: { readonly goBackwards?: boolean } = {}): tfl.LayersModel {
  const model = tfl.sequential({
    layers: [
      tfl.layers.masking({ inputShape: [4, 2] }),
      recurrent('lstm', { units: 3, name: 'memory', ...options }),
      tfl.layers.dense({ units: 2, activation: 'softmax', name: 'out' }),
    ],
  });
  randomizeWeights(model);
  return model;
}

test('a step inside a scan has its relevance over time', async () => {
  const model = lstmModel();
  const x = at(inputsOf(model, { masked: true }), 0);
  const explanation = explain(model, x, 'epsilon', { keep: 'steps' });
  const [candidate, hidden] = ['candidate', 'hidden'].map((role) => explanation.layer(`memory:${role}`).output);
  expect(candidate?.shape).toEqual([2, 4, 3]);
  // Masked time steps earn exactly nothing: 0 and 2 of the first sample, the last of the second.
  for (const tensor of [candidate, hidden]) {
    if (!tensor) throw new Error('not kept');
    const perStep = await numbers(tf.tidy(() => tf.max(tf.abs(tensor), 2)));
    expect(perStep.map((value) => value > 0)).toEqual([false, true, false, true, true, true, true, false]);
  }
  // Gates earn nothing where the signal takes all.
  const gate = await numbers(explanation.layer('memory:input_gate').output);
  expect(gate.every((value) => value === 0)).toBe(true);
  expect(gate).toHaveLength(2 * 4 * 3);
  for (const disposable of [explanation, model, x]) disposable.dispose();
});

test('what the candidates receive is what the input earned, but for bias, stabilizer and states', async () => {
  const layer = recurrent('simpleRNN', { units: 3, useBias: false, name: 'memory', inputShape: [4, 2] });
  const model = tfl.sequential({ layers: [layer] });
  randomizeWeights(model);
  const x = randomTensor([1, 4, 2]);
  const explanation = explain(model, x, 'epsilon', { keep: ['memory:candidate'], target: { unit: 'all' } });
  expect(Object.keys(explanation.layers)).toEqual(['memory:candidate']);
  // The last candidate receives all of the score.
  const { output } = explanation.layer('memory:candidate');
  const last = await total(tf.tidy(() => tf.slice(output, [0, 3, 0], [1, 1, 3])));
  expect(last).toBeCloseTo(await total(explanation.target.relevance), 5);
  for (const disposable of [explanation, model, x]) disposable.dispose();
});

test('going backwards, time is in the order of the input', async () => {
  const [there, back] = [lstmModel(), lstmModel({ goBackwards: true })];
  const x = randomTensor([1, 4, 2]);
  const turned = tf.reverse(x, 1);
  const keep = ['memory:candidate'];
  const one = explain(there, x, 'epsilon', { keep });
  const other = explain(back, turned, 'epsilon', { keep });
  const expected = tf.reverse(one.layer('memory:candidate').output, 1);
  await expectClose(other.layer('memory:candidate').output, expected);
  for (const disposable of [one, other, there, back, x, turned, expected]) disposable.dispose();
});

test('scans inside scans, and steps of layers that are no scans', async () => {
  const model = tfl.sequential({
    layers: [
      tfl.layers.timeDistributed({ layer: recurrent('gru', { units: 3 }), name: 'each', inputShape: [3, 4, 2] }),
      tfl.layers.flatten(),
      tfl.layers.dense({ units: 2, activation: 'relu', name: 'out' }),
    ],
  });
  randomizeWeights(model);
  const x = randomTensor([2, 3, 4, 2]);
  const explanation = explain(model, x, 'epsilon', { keep: 'steps' });
  expect(explanation.layer('each:layer.candidate').output.shape).toEqual([2, 3, 4, 3]);
  expect(explanation.layer('out:activation').output.shape).toEqual([2, 2]);
  await expectSame(explanation.layer('out:activation').output, explanation.layer('out').output);
  for (const disposable of [explanation, model, x]) disposable.dispose();
});

test('a scan that relevance does not reach has zeros', async () => {
  const model = lstmModel();
  const x = randomTensor([2, 4, 2]);
  const rules = { out: stop(), memory: signalTakeAll() };
  const explanation = explain(model, x, rules, { keep: 'steps' });
  const candidate = explanation.layer('memory:candidate').output;
  expect(candidate.shape).toEqual([2, 4, 3]);
  expect((await numbers(candidate)).every((value) => value === 0)).toBe(true);
  for (const disposable of [explanation, model, x]) disposable.dispose();
});

test('names are checked, tensors end, and JSON keeps them', async () => {
  const model = lstmModel();
  const x = randomTensor([2, 4, 2]);
  const error = await errorOf(() => explain(model, x, 'epsilon', { keep: ['memory:candidat'] }));
  expect(error.message).toMatch(
    /^keep names a step the model does not have: "memory:candidat"\. Nearest: "memory:candid/,
  );
  const before = tensorCount();
  const explanation = explain(model, x, 'epsilon', { keep: ['memory#0:candidate', 'out'] });
  expect(Object.keys(explanation.layers)).toEqual(['out', 'memory:candidate']);
  const read = fromJSON(await explanation.toJSON());
  await expectSame(read.layer('memory:candidate').output, explanation.layer('memory:candidate').output);
  for (const disposable of [explanation, read]) disposable.dispose();
  const layersOnly = explain(model, x, 'epsilon');
  expect(() => layersOnly.layer('memory:candidate')).toThrow(
    'There is no relevance of a layer "memory:candidate"; no steps inside layers were kept: explain with {keep: "steps"}.',
  );
  expect(Object.keys(layersOnly.layers).some((name) => name.includes(':'))).toBe(false);
  layersOnly.dispose();
  expect(tensorCount()).toBe(before);
  for (const disposable of [model, x]) disposable.dispose();
});
