// Where tfjs is wrong on some backend without a kernel being wrong by name: how a kernel is called, and what it hides.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { explain, plan } from '../../src/index.js';
import { apply, at, numbers, randomizeWeights, randomTensor } from '../explanation/tools.js';
import { callsOf } from './calls.js';

const { layers } = tfl;

/** Attention of `Dense`, `Dot` and `Softmax` layers over six steps of four features. */
function attention(): tfl.LayersModel {
  const x = tfl.input({ shape: [6, 4] });
  const dense = (units: number) => layers.dense({ units });
  const scores = layers.dot({ axes: 2 }).apply([apply(dense(5), x), apply(dense(5), x)]) as tfl.SymbolicTensor; // one
  const weights = apply(layers.softmax({}), scores);
  const mixed = layers.dot({ axes: [2, 1] }).apply([weights, apply(dense(3), x)]) as tfl.SymbolicTensor; // one
  return tfl.model({ inputs: x, outputs: apply(dense(2), apply(layers.flatten(), mixed)) });
}

const sequence = (layer: tfl.layers.Layer) => tfl.sequential({ layers: [layer, layers.dense({ units: 2 })] });

const NETS: Readonly<Record<string, () => tfl.LayersModel>> = {
  dense: () => sequence(layers.dense({ units: 5, activation: 'relu', inputShape: [4] })),
  'dense of rank 3': () => sequence(layers.dense({ units: 5, activation: 'relu', inputShape: [6, 4] })),
  lstm: () => sequence(layers.lstm({ units: 3, recurrentInitializer: 'zeros', inputShape: [6, 4] })),
  gru: () => sequence(layers.gru({ units: 3, recurrentInitializer: 'zeros', inputShape: [6, 4] })),
  'conv1d of one tap': () =>
    tfl.sequential({
      layers: [
        layers.conv1d({ filters: 3, kernelSize: 1, activation: 'relu', inputShape: [6, 4] }),
        layers.flatten(),
        layers.dense({ units: 2 }),
      ],
    }),
  attention,
};

describe('products', () => {
  test.each(Object.keys(NETS))('%s: as wasm can do them', (name) => {
    const model = at([NETS[name]], 0)?.();
    if (!model) throw new Error(`no net ${name}`);
    randomizeWeights(model);
    const x = randomTensor([2, ...(model.inputs[0]?.shape ?? []).slice(1).map(Number)]);
    const made = plan(model, 'epsilon-alpha2-beta1');
    const calls = callsOf(() => {
      for (const _ of [1, 2]) made.explain(x).dispose();
    });
    const products = calls.filter((call) => call.name === 'BatchMatMul' || call.name === '_FusedMatMul');
    expect(products.length).toBeGreaterThan(0);
    // A fused product that transposes adds its bias once per block of the inner length.
    const fused = products.filter((call) => call.name === '_FusedMatMul' && call.inputs.bias);
    expect(fused.filter(({ attributes }) => attributes.transposeA || attributes.transposeB)).toEqual([]);
    // The second operand is packed once for its data, whatever shape it comes in later.
    const shapes = new Map<object, Set<string>>();
    for (const { inputs } of products) {
      const b = inputs.b;
      if (b) shapes.set(b.dataId, new Set([...(shapes.get(b.dataId) ?? []), `${b.shape}`]));
    }
    expect([...shapes.values()].filter((seen) => seen.size > 1)).toEqual([]);
    tf.dispose([x]);
    made.dispose();
    model.dispose();
  });
});

describe('a maximum that hides NaN, as that of wasm does', () => {
  test('the step where it came up is named all the same', async () => {
    const x = tfl.input({ shape: [2] });
    const broken = layers.dense({ units: 2, name: 'broken' });
    const sound = layers.dense({ units: 2, name: 'sound' });
    const larger = layers.maximum().apply([apply(sound, x), apply(broken, x)]) as tfl.SymbolicTensor; // one
    const model = tfl.model({ inputs: x, outputs: apply(layers.dense({ units: 1 }), larger) });
    randomizeWeights(model);
    tf.tidy(() => broken.setWeights([tf.tensor2d([Number.NaN, 1, 1, 1], [2, 2]), tf.zeros([2])]));
    const input = tf.ones([1, 2]);
    const explanation = explain(model, input, 'epsilon', { target: 0 });
    await expect(explanation.conservation()).rejects.toMatchObject({
      name: 'NumericsError',
      place: { address: 'broken' },
    });
    explanation.dispose();
    input.dispose();
    model.dispose();
  });
});

test('a window without a positive element gives its relevance to its first maximum', async () => {
  const model = tfl.sequential({
    layers: [layers.maxPooling1d({ poolSize: 3, inputShape: [6, 1] }), layers.flatten()],
  });
  const input = tf.tensor3d([-3, -1, -1, 0, -2, 0], [1, 6, 1]);
  const start = tf.tensor2d([5, 7], [1, 2]);
  const explanation = explain(model, input, 'epsilon', { start });
  expect(await numbers(at(explanation.inputs, 0).relevance)).toEqual([0, 5, 0, 7, 0, 0]);
  explanation.dispose();
  tf.dispose([input, start]);
  model.dispose();
});
