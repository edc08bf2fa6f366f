import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { trace } from '../../src/graph/trace.js';
import { defaultRegistry } from '../../src/layers/default-registry.js';
import { lower } from '../../src/plan/lower.js';
import { activationNames } from '../../src/steps/activations.js';
import { applyOnCpu, modelOf, randomizeWeights, randomTensor, stepsReproduce } from './reproduce.js';

type Name = NonNullable<Parameters<typeof tfl.layers.activation>[0]>['activation'];

describe('Activation', () => {
  test.each(activationNames())('%s', async (activation) => {
    // The names of tfjs-layers' type leave out a few that it knows.
    const model = modelOf(tfl.layers.activation({ activation: activation as Name }), [[3, 5]]);
    const names = await stepsReproduce(model, [randomTensor([2, 3, 5], 3, 4)]);
    expect(names).toHaveLength(1);
  });

  test('linear does nothing', async () => {
    const model = modelOf(tfl.layers.activation({ activation: 'linear' }), [[4]]);
    expect(await stepsReproduce(model, [randomTensor([2, 4])])).toEqual(['identity']);
  });

  test('knows every activation that tfjs-layers registers', () => {
    // The map also holds layers and more; activations are the classes with lower-case names that are applied.
    const registered = Object.entries(tf.serialization.SerializationMap.getMap().classNameMap)
      .filter(([, [make]]) => typeof make.prototype?.apply === 'function' && !('computeOutputShape' in make.prototype))
      .map(([name]) => name)
      .filter((name) => /^[a-z]/.test(name) && !/(Uniform|Normal|identity|ones|zeros|constant|Norm|l1|l2)/i.test(name));
    expect([...activationNames(), 'linear'].sort()).toEqual(expect.arrayContaining(registered.sort()));
    expect(registered.length).toBeGreaterThan(10);
  });

  test('an unknown one is refused', () => {
    class Odd extends tfl.layers.Layer {
      override getConfig() {
        return { ...super.getConfig(), activation: 'reluu' };
      }
      override getClassName() {
        return 'Activation';
      }
    }
    const { problems } = lower(trace(modelOf(new Odd({ name: 'odd' }), [[4]])), defaultRegistry);
    expect(problems[0]?.message).toMatchInlineSnapshot(
      `"Layer "odd" (class Activation) at odd: its activation "reluu" is not known (nearest: "relu"). Register an adapter for the layer with defaultRegistry.with("odd", adapter)."`,
    );
  });
});

describe('layers', () => {
  const cases: [string, () => tfl.layers.Layer][] = [
    ['ReLU', () => tfl.layers.reLU()],
    ['ReLU with maxValue', () => tfl.layers.reLU({ maxValue: 2 })],
    ['LeakyReLU', () => tfl.layers.leakyReLU()],
    ['LeakyReLU 0.7', () => tfl.layers.leakyReLU({ alpha: 0.7 })],
    ['LeakyReLU 0', () => tfl.layers.leakyReLU({ alpha: 0 })],
    ['ELU', () => tfl.layers.elu()],
    ['ThresholdedReLU', () => tfl.layers.thresholdedReLU()],
    ['ThresholdedReLU below zero', () => tfl.layers.thresholdedReLU({ theta: -1 })],
  ];
  test.each(cases)('%s', async (_name, make) => {
    expect(await stepsReproduce(modelOf(make(), [[3, 5]]), [randomTensor([2, 3, 5], 4, 4)])).toHaveLength(1);
  });

  test.each([[undefined], [[1]], [[2]], [[1, 2]], [[1, 2, 3]]])('PReLU sharing axes %j', async (sharedAxes) => {
    const model = modelOf(tfl.layers.prelu(sharedAxes ? { sharedAxes } : {}), [[3, 4, 2]]);
    randomizeWeights(model);
    const x = randomTensor([2, 3, 4, 2]);
    // wasm takes the slopes for one per channel.
    const expected = [await applyOnCpu(model, x)];
    await stepsReproduce(model, [x], { expected, keepWeights: true });
  });

  test('Softmax over the last axis, also by default', async () => {
    expect(await stepsReproduce(modelOf(tfl.layers.softmax(), [[5]]), [randomTensor([2, 5])])).toEqual(['softmax']);
    await stepsReproduce(modelOf(tfl.layers.softmax({ axis: -1 }), [[3, 5]]), [randomTensor([2, 3, 5])]);
  });

  test.each([[[1, 2]], [[1, 3]], [[-1, -3]], [[3]], [[1, 2, 3]]])('Softmax over axes %j', async (axis) => {
    // The type allows one axis, the layer takes several.
    const layer = tfl.layers.softmax({ axis: axis as unknown as number });
    await stepsReproduce(modelOf(layer, [[3, 4, 2]]), [randomTensor([2, 3, 4, 2])]);
  });
});
