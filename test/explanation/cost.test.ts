// What a plan says an explanation will cost, against what tfjs counts while it runs.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { type Plan, type PlanCost, plan } from '../../src/index.js';
import { cnn } from './nets.js';
import { at, errorOf, randomizeWeights, randomTensor } from './tools.js';

/** Multiply-adds of the convolutions and matrix products that ran on weights. */
async function counted(run: () => void): Promise<number> {
  const { kernels } = await tf.profile(() => {
    run();
    return tf.scalar(0);
  });
  const size = (shape: readonly number[] | undefined) => (shape ?? []).reduce((product, n) => product * n, 1);
  return kernels.reduce((total, { name, inputShapes, outputShapes }) => {
    const filter = inputShapes[1] as number[] | undefined; // the second operand
    const output = outputShapes[0] as number[];
    if (name === 'Conv2DBackpropInput') return total + size(inputShapes[0] as number[]) * size(filter?.slice(0, 3));
    return /^(Fused)?Conv2D$/.test(name) ? total + size(output) * size(filter?.slice(0, 3)) : total;
  }, 0);
}

/** A chain of convolutions large enough for every saving, all below a ReLU. */
function chain(): tfl.LayersModel {
  const conv = (args: Partial<Parameters<typeof tfl.layers.conv2d>[0]>) =>
    tfl.layers.conv2d({ filters: 16, kernelSize: 3, padding: 'same', activation: 'relu', ...args });
  const model = tfl.sequential({
    layers: [
      conv({ inputShape: [32, 32, 16], name: 'a' }),
      conv({ name: 'b' }),
      conv({ filters: 4, kernelSize: 1, activation: 'linear', name: 'c' }),
    ],
  });
  randomizeWeights(model);
  return model;
}

describe('multiply-adds', () => {
  const rules = ['epsilon', 'epsilon-plus', 'epsilon-gamma', 'epsilon-alpha2-beta1', 'excitation-backprop'] as const;
  test.each(rules)('%s: what is promised is what runs', async (name) => {
    const made = plan(chain(), name, { inputRange: [0, 1] });
    const x = randomTensor([1, 32, 32, 16], 1);
    const target = { target: [3, 4, 1] } as const;
    made.explain(x, target).dispose();
    const cost = made.cost();
    expect(await counted(() => made.explain(x, { ...target, ledger: false }).dispose())).toBe(cost.explain);
    expect(cost.predict).toBe(32 * 32 * (16 * 16 * 9 * 2 + 16 * 4));
    x.dispose();
    made.dispose();
  });

  test('grow with the batch, in proportion', () => {
    const made = plan(cnn(), 'epsilon-plus');
    const [one, four] = [made.cost(), made.cost({ batch: 4 })];
    expect(four.explain).toBe(4 * one.explain);
    expect(four.operations).toBe(one.operations);
    expect(four.keptBytes).toBe(4 * one.keptBytes);
  });

  test('of a recurrent layer count every time step', () => {
    const model = tfl.sequential({
      layers: [tfl.layers.simpleRNN({ units: 3, inputShape: [7, 2], recurrentInitializer: 'glorotNormal' })],
    });
    expect(plan(model, 'recurrent').cost().predict).toBe(7 * (2 * 3 + 3 * 3));
  });

  test('of attention count its products', () => {
    const x = tfl.input({ shape: [6, 4] });
    const scores = tfl.layers.dot({ axes: [2, 2] }).apply([x, x]) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: x, outputs: scores });
    expect(plan(model, 'epsilon').cost().predict).toBe(6 * 6 * 4);
  });
});

describe('bytes', () => {
  test('keeping less, the result is smaller', () => {
    const made = plan(cnn(), 'epsilon');
    const kept = (keep: 'layers' | 'inputs') => made.cost({ keep }).keptBytes;
    expect(kept('inputs')).toBe(28 * 28 * 3 * 4);
    expect(kept('layers')).toBeGreaterThan(kept('inputs'));
  });

  test.each(['epsilon', 'epsilon-plus', 'epsilon-alpha2-beta1'] as const)(
    '%s: the peak is near the one measured',
    async (name) => {
      const made: Plan = plan(chain(), name, { inputRange: [0, 1] });
      const x = randomTensor([8, 32, 32, 16], 1);
      made.explain(x, { target: 'all' }).dispose();
      const before = tf.memory().numBytes;
      const { peakBytes } = await tf.profile(() => {
        made.explain(x, { target: 'all', ledger: false }).dispose();
        return tf.scalar(0);
      });
      const { peakBytes: estimated, weightBytes }: PlanCost = made.cost({ batch: 8 });
      // What was alive before is the input, which the estimate counts, and weights, which it does not.
      const measured = peakBytes - before + x.size * 4;
      expect((estimated - weightBytes) / measured).toBeGreaterThan(0.75);
      expect((estimated - weightBytes) / measured).toBeLessThan(1.5);
      x.dispose();
      made.dispose();
    },
  );
});

test('as a table', () => {
  expect(`\n${plan(cnn(), 'epsilon-plus').cost()}\n`).toMatchInlineSnapshot(`
    "
    address  step           rule                   multiply-adds  sums  back
    -------  -------------  ---------------------  -------------  ----  ----
    conv_1   conv2d 3x3     z-plus                 146 k          2     2
    conv_2   conv2d 3x3     z-plus                 2.34 M         1     1
    conv_3   conv2d 3x3 /2  z-plus                 93.3 k         1     1
    dense_1  dense          epsilon(epsilon=1e-6)  3.46 k         0     1
    dense_2  dense          epsilon(epsilon=1e-6)  80             0     1
    Cost (batch 1): 3.11 predictions, 8.03 M multiply-adds; bytes: 39.5 k weights, 194 k kept for the way back, 348 k in the result, about 1.01 M at most
    "
  `);
});

test('open sizes have to be given', async () => {
  const open = tfl.sequential({
    layers: [
      tfl.layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [null, null, 1], name: 'c' }),
      tfl.layers.globalAveragePooling2d({}),
    ],
  });
  const made = plan(open, 'epsilon');
  expect((await errorOf(() => made.cost())).message).toContain('Give {inputShapes: [[...]]} without the batch.');
  expect(made.cost({ inputShapes: [[5, 6, 1]] }).predict).toBe(3 * 4 * 2 * 9);
  expect((await errorOf(() => made.cost({ inputShapes: [[5, 6, 2]] }))).message).toContain('received [5, 6, 2]');
  expect((await errorOf(() => made.cost({ batch: 0 }))).message).toContain('A batch of 0');
  expect(`${made}`).not.toContain('Cost');
  expect(at(made.rows, 0).address).toBe('c_input');
});
