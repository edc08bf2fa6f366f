import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import type { LayerCall } from '../../src/graph/call.js';
import { trace } from '../../src/graph/trace.js';
import { apply, at, errorOf, numbers, setWeights } from '../explanation/tools.js';

/** The call of the only layer of a model. */
function callOf(layer: tfl.layers.Layer, shape: number[]): LayerCall {
  const input = tfl.input({ shape });
  return at(trace(tfl.model({ inputs: input, outputs: apply(layer, input) })).calls, 1).call;
}

test('weights are read by name, whatever their order', async () => {
  const layer = tfl.layers.dense({ units: 2, name: 'd' });
  const call = callOf(layer, [2]);
  const kernel = [
    [1, 2],
    [3, 4],
  ];
  setWeights(layer, kernel, [5, 6]);
  // A frozen kernel goes behind the bias.
  const variable = layer.trainableWeights.find((weight) => /kernel/.test(weight.name));
  if (variable) layer.trainableWeights = layer.trainableWeights.filter((weight) => weight !== variable);
  layer.nonTrainableWeights = variable ? [variable] : [];
  expect(layer.weights.map((weight) => /kernel|bias/.exec(weight.name)?.[0])).toEqual(['bias', 'kernel']);
  expect(call.weight('kernel').name).toBe('d/kernel');
  expect(call.weight('kernel').shape).toEqual([2, 2]);
  expect(await numbers(call.weight('kernel').value())).toEqual([1, 2, 3, 4]);
  expect(await numbers(call.weight('bias').value())).toEqual([5, 6]);
});

test('a weight that is not there', async () => {
  const call = callOf(tfl.layers.dense({ units: 2, name: 'd', useBias: false }), [2]);
  expect(call.optionalWeight('bias')).toBeNull();
  const error = await errorOf(() => call.weight('bias'));
  expect(error.message).toMatchInlineSnapshot(`"internal: layer "d" (Dense) has no weight "bias"; it has "kernel"."`);
});

test('a weight that has been disposed', async () => {
  const layer = tfl.layers.dense({ units: 2, name: 'gone' });
  const call = callOf(layer, [2]);
  layer.dispose();
  const error = await errorOf(() => call.weight('kernel'));
  expect(error).toMatchObject({ name: 'DisposedError', code: 'disposed' });
  expect(error.message).toMatchInlineSnapshot(
    `"The weight "gone/kernel" of layer "gone" has been disposed. Was model.dispose() called before plan()?"`,
  );
});

test('configuration, class and shapes are those of the layer', () => {
  const call = callOf(tfl.layers.conv2d({ filters: 3, kernelSize: 2, strides: 2, name: 'c' }), [4, 6, 2]);
  expect(call.className).toBe('Conv2D');
  expect(call.config).toMatchObject({ filters: 3, kernelSize: [2, 2], strides: [2, 2] });
  expect(call.inputShapes).toEqual([[null, 4, 6, 2]]);
  expect(call.outputShapes).toEqual([[null, 2, 3, 3]]);
  expect(call.address).toEqual({ path: [], layer: 'c', call: 0 });
});
