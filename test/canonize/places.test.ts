// Where the relevance of a batch normalization is found once it has been worked into a neighbour.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { explain, plan } from '../../src/index.js';
import { at, expectClose, randomizeWeights, randomTensor } from '../layers/reproduce.js';
import { apply } from '../plan/models.js';

const { activation, batchNormalization, conv1d, dense, permute } = tfl.layers;
const bn = (axis = -1) => batchNormalization({ name: 'bn', axis });

function chain(shape: number[], ...layers: tfl.layers.Layer[]): tfl.LayersModel {
  const input = tfl.input({ shape, name: 'input' });
  const outputs = layers.reduce((x, layer) => apply(layer, x), input);
  const model = tfl.model({ inputs: input, outputs, name: 'chain' });
  randomizeWeights(model);
  return model;
}

test('in the layer before: both have the relevance of what follows', async () => {
  const model = chain([4], dense({ units: 5, name: 'before' }), bn(), activation({ activation: 'relu', name: 'act' }));
  const x = randomTensor([2, 4], 1);
  const explanation = explain(model, x, undefined, { target: 'all' });
  const [output, activated] = [explanation.layer('bn').output, explanation.layer('act').inputs];
  await expectClose(output, at(activated, 0), 1e-7);
  await expectClose(explanation.layer('before').output, output, 1e-7);
  await expectClose(at(explanation.layer('bn').inputs, 0), output, 1e-7);
  explanation.dispose();
  x.dispose();
});

test('in the layer after: what that hands on; but there are no values to start from', async () => {
  const model = chain([4], bn(), dense({ units: 5, name: 'after' }));
  const x = randomTensor([2, 4], 1);
  const explanation = explain(model, x, undefined, { target: 'all' });
  await expectClose(explanation.layer('bn').output, at(explanation.inputs, 0).relevance, 1e-7);
  explanation.dispose();
  expect(() => explain(model, x, undefined, { target: { layer: 'bn' } })).toThrowErrorMatchingInlineSnapshot(
    `[TargetError: Layer "bn" was folded into the layer after it and has no values of its own. Plan with {canonize: {batchNorm: 'after'}}.]`,
  );
  x.dispose();
});

test('behind a permutation: the row names the linear layer, and relevance keeps its shape', async () => {
  const layers = [
    conv1d({ filters: 4, kernelSize: 3, name: 'before' }),
    permute({ dims: [2, 1], name: 'turn' }),
    bn(1),
  ];
  const model = chain([6, 3], ...layers);
  expect(plan(model).rows.find((row) => row.address === 'bn')?.because).toBe('folded into "before"');
  const x = randomTensor([2, 6, 3], 1);
  const explanation = explain(model, x, undefined, { target: 'all' });
  expect(explanation.layer('bn').output.shape).toEqual([2, 4, 4]);
  await expectClose(explanation.layer('bn').output, explanation.layer('turn').output, 1e-7);
  explanation.dispose();
  x.dispose();
});

test('a normalization that is shared itself goes into both its neighbours', () => {
  const shared = batchNormalization({ name: 'shared' });
  const input = tfl.input({ shape: [4], name: 'input' });
  const one = apply(shared, apply(dense({ units: 4, name: 'one' }), input));
  const outputs = apply(shared, apply(dense({ units: 4, name: 'two' }), one));
  const { rows } = plan(tfl.model({ inputs: input, outputs, name: 'twice' }));
  expect(rows.filter((row) => row.layerType === 'BatchNormalization').map((row) => row.because)).toEqual([
    'folded into "one"',
    'folded into "two"',
  ]);
});

test('a bias that a shift alone makes, on every backend', async () => {
  // Fused kernels are particular about the rank of a bias.
  const layer = tfl.layers.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2, name: 'after' });
  const model = chain([5, 5, 2], bn(), layer);
  const x = randomTensor([2, 5, 5, 2], 1);
  const explanation = explain(model, x, undefined, { target: 'all' });
  const expected = tf.tidy(() => model.apply(x) as tf.Tensor);
  await expectClose(at(explanation.outputs, 0).value, expected, 1e-5);
  explanation.dispose();
  tf.dispose([x, expected]);
});
