// tfjs does not take a mask back: once a layer was handed one, the layers after it are, whether or not their input has one.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { explain, plan } from '../../src/index.js';
import { apply, expectClose, randomizeWeights, tensorCount } from '../explanation/tools.js';
import { at, predictOnCpu, randomTensor } from '../layers/reproduce.js';
import { onCpu } from '../on-cpu.js';
import { recurrent, withGaps } from './models.js';

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

test('a branch of its own is handed nothing', async () => {
  const [a, b] = [tfl.input({ shape: [TIMES, FEATURES] }), tfl.input({ shape: [TIMES, FEATURES] })];
  const masked = apply(recurrent('gru', { units: 3 }), apply(tfl.layers.masking(), a));
  const plain = apply(recurrent('lstm', { units: 3 }), b);
  const output = apply(dense(), apply(tfl.layers.concatenate(), [masked, plain]));
  const model = tfl.model({ inputs: [a, b], outputs: output });
  randomizeWeights(model);
  const inputs = [withGaps(randomTensor([2, TIMES, FEATURES], 1)), randomTensor([2, TIMES, FEATURES], 2)];
  const expected = await predictOnCpu(model, inputs);
  const explanation = explain(model, inputs, 'recurrent');
  await expectClose(at(explanation.outputs, 0).value, at(expected, 0));
  expect((await explanation.conservation()).verdict).toBe('closed');
  tf.dispose([...inputs, ...expected]);
  for (const disposable of [explanation, model]) disposable.dispose();
});
