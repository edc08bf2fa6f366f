// The reusable plan: what it keeps, how it notices new weights, comparing and checking.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { afterAll, describe, expect, test } from 'vitest';
import {
  activationStep,
  defaultRegistry,
  denseStep,
  elementwise,
  epsilon,
  explain,
  flat,
  formatRule,
  gamma,
  type LayerAdapter,
  plan,
  reshapeStep,
  scaleStep,
  zBox,
} from '../../src/index.js';
import { derivedWeight } from '../../src/tensors/weight.js';
import { cnn, inceptionNet, residualNet } from './nets.js';
import { apply, at, expectClose, numbers, randomizeWeights, randomTensor, tensorCount } from './tools.js';

const net = residualNet();
const x = randomTensor([2, 12, 12, 3], 1);
afterAll(() => tf.dispose(x));

describe('what a plan keeps', () => {
  test('kernels are derived once, counted, and gone with the plan', () => {
    const before = tensorCount();
    const made = plan(net, 'epsilon-gamma-box');
    expect(tensorCount()).toBe(before);
    expect(made.derived).toEqual({ bytes: 0, made: 0 });
    made.explain(x).dispose();
    const first = made.derived;
    expect(first.bytes).toBeGreaterThan(0);
    const held = tensorCount();
    made.explain(x).dispose();
    expect(made.derived).toEqual(first);
    expect(tensorCount()).toBe(held);
    made.dispose();
    expect(tensorCount()).toBe(before);
    expect(made.derived.bytes).toBe(0);
  });

  test('it says what explain says', async () => {
    const made = plan(net, 'epsilon-plus');
    const [own, other] = [made.explain(x, { target: 2 }), explain(net, x, 'epsilon-plus', { target: 2 })];
    expect(`${own.plan}`).toBe(`${other.plan}`);
    expect(made.toString().split('\nCost (batch 1): ')[0]).toBe(`${own.plan}`);
    expect([made.model, made.rules]).toEqual(['residual', 'epsilon-plus']);
    expect(made.rows).toEqual(own.plan.rows);
    expect(await numbers(at(own.inputs, 0).relevance)).toEqual(await numbers(at(other.inputs, 0).relevance));
    own.dispose();
    other.dispose();
    made.dispose();
  });

  test('new weights are noticed: all of them, folded batch normalizations too', async () => {
    const model = residualNet();
    const made = plan(model, 'epsilon-gamma-box');
    made.explain(x).dispose();
    const held = tensorCount();
    for (const seed of [31, 32]) {
      randomizeWeights(model, seed);
      const [kept, fresh] = [made.explain(x), explain(model, x, 'epsilon-gamma-box')];
      expect(await numbers(at(kept.inputs, 0).relevance)).toEqual(await numbers(at(fresh.inputs, 0).relevance));
      expect(await numbers(at(kept.outputs, 0).value)).toEqual(await numbers(at(fresh.outputs, 0).value));
      kept.dispose();
      fresh.dispose();
      expect(tensorCount()).toBe(held);
    }
    made.dispose();
  });

  test('one weight alone', async () => {
    const model = residualNet();
    const made = plan(model, 'epsilon');
    made.explain(x).dispose();
    const variance = model.getLayer('a_norm_2').weights.find((weight) => /variance/.test(weight.name));
    tf.tidy(() => {
      variance?.write(tf.mul(variance.read(), 2));
    });
    const [kept, fresh] = [made.explain(x), explain(model, x, 'epsilon')];
    expect(await numbers(at(kept.inputs, 0).relevance)).toEqual(await numbers(at(fresh.inputs, 0).relevance));
    const expected = model.predict(x) as tf.Tensor;
    const probability = tf.softmax(at(kept.outputs, 0).value);
    await expectClose(probability, expected);
    tf.dispose([expected, probability]);
    kept.dispose();
    fresh.dispose();
    made.dispose();
  });

  test('batches of other sizes in turn', async () => {
    const made = plan(net, 'epsilon-plus-flat');
    const three = tf.tidy(() => tf.concat([x, tf.slice(x, 0, 1)]));
    const [two, more, again] = [made.explain(x), made.explain(three), made.explain(x)];
    expect(await numbers(at(again.inputs, 0).relevance)).toEqual(await numbers(at(two.inputs, 0).relevance));
    const first = tf.tidy(() => tf.slice(at(more.inputs, 0).relevance, 0, 2));
    await expectClose(first, at(two.inputs, 0).relevance);
    tf.dispose([three, first]);
    for (const explanation of [two, more, again]) explanation.dispose();
    made.dispose();
  });
});

describe('compare', () => {
  test('bounds that print alike are not the same', () => {
    const low = Array.from({ length: 12 }, () => -1);
    const bounded = (high: number) => plan(cnn(), { conv_1: zBox({ low, high: low.map(() => high) }) });
    const [one, same, other] = [bounded(1), bounded(1), bounded(2)];
    expect(`${one}`).toBe(`${other}`);
    expect(one.compare(same)).toEqual([]);
    expect(one.compare(other).map((row) => row.address)).toEqual(['conv_1']);
    for (const made of [one, same, other]) made.dispose();
  });

  test('the rows that differ, either way', () => {
    const [one, other] = [plan(net, 'epsilon'), plan(net, { stem: flat(), b_1: gamma(2) })];
    expect(one.compare(one)).toEqual([]);
    expect(one.compare(other)).toEqual([
      { address: 'stem', step: 'conv2d 3x3', rule: formatRule(epsilon()), otherRule: 'flat' },
      { address: 'b_1', step: 'conv2d 3x3 /2', rule: formatRule(epsilon()), otherRule: 'gamma(gamma=2)' },
    ]);
    one.dispose();
    other.dispose();
  });

  test('steps that only one of them has', () => {
    const small = (name: string) => {
      const input = tfl.input({ shape: [3], name: 'x' });
      return tfl.model({ inputs: input, outputs: apply(tfl.layers.dense({ units: 2, name }), input) });
    };
    const [one, other] = [plan(small('a'), epsilon(1)), plan(small('b'), epsilon(1))];
    expect(one.compare(other)).toEqual([
      { address: 'a', step: 'dense', rule: 'epsilon(epsilon=1)', otherRule: null },
      { address: 'b', step: 'dense', rule: null, otherRule: 'epsilon(epsilon=1)' },
    ]);
    one.dispose();
    other.dispose();
  });
});

describe('check', () => {
  const nets: [string, tfl.LayersModel, number[]][] = [
    ['a CNN', cnn(), [28, 28, 3]],
    ['a residual net', net, [12, 12, 3]],
    ['an Inception-like net', inceptionNet(), [10, 10, 2]],
  ];
  test.each(nets)('%s: every layer call, and no difference', async (_what, model, shape) => {
    const made = plan(model);
    const input = randomTensor([2, ...shape], 3);
    const before = tensorCount();
    const rows = await made.check(input);
    expect(tensorCount()).toBe(before);
    // A Sequential does not list its input.
    const layers = model.layers.filter((layer) => layer.getClassName() !== 'InputLayer');
    const checked = rows.filter((row) => row.layerType !== 'InputLayer');
    expect(checked.map((row) => row.address).sort()).toEqual(layers.map((layer) => layer.name).sort());
    for (const row of rows) expect(row.difference, row.address).toBeLessThan(1e-5);
    input.dispose();
    made.dispose();
  });

  test('nested, shared, several inputs and outputs, a single sample', async () => {
    const inner = [tfl.input({ shape: [3], name: 'p' }), tfl.input({ shape: [3], name: 'q' })];
    const shared = tfl.layers.dense({ units: 3, activation: 'softmax', name: 'shared' });
    const both = apply(tfl.layers.add({ name: 'sum' }), [apply(shared, at(inner, 0)), apply(shared, at(inner, 1))]);
    const nested = tfl.model({ inputs: inner, outputs: both, name: 'enc' });
    const inputs = [tfl.input({ shape: [3], name: 'a' }), tfl.input({ shape: [3], name: 'b' })];
    const once = apply(nested, inputs);
    const model = tfl.model({ inputs, outputs: [once, apply(nested, [once, at(inputs, 1)])] });
    randomizeWeights(model);
    const made = plan(model);
    const single = { b: randomTensor([3], 1), a: randomTensor([3], 2) };
    const rows = await made.check(single);
    expect(rows.map((row) => row.address)).toEqual([
      'a',
      'b',
      'enc/p',
      'enc/q',
      'enc/shared',
      'enc/shared#1',
      'enc/sum',
      'enc#1/p',
      'enc#1/q',
      'enc#1/shared',
      'enc#1/shared#1',
      'enc#1/sum',
    ]);
    for (const row of rows) expect(row.difference, row.address).toBeLessThan(1e-5);
    tf.dispose(single);
    made.dispose();
  });

  /** The call of the largest difference, and all that differ. */
  async function differing(model: tfl.LayersModel, name: string, adapter: LayerAdapter): Promise<string[]> {
    const made = plan(model, undefined, { registry: defaultRegistry.with(name, adapter) });
    const input = randomTensor([1, ...at(model.inputs, 0).shape.slice(1).map(Number)], 3);
    const rows = await made.check(input);
    input.dispose();
    made.dispose();
    return rows.filter((row) => row.difference > 1e-5).map((row) => row.address);
  }

  test('locates a batch normalization without its epsilon', async () => {
    const model = residualNet();
    // Small variances, as after training: that is where it matters.
    const layer = model.getLayer('a_norm_2');
    tf.tidy(() => layer.setWeights(layer.getWeights().map((w, index) => (index === 3 ? tf.mul(w, 0.01) : w))));
    const found = await differing(model, 'a_norm_2', (call, to) => {
      const [variance, mean] = [call.weight('moving_variance'), call.weight('moving_mean')];
      const scale = derivedWeight('scale', variance.shape, [variance, call.weight('gamma')], (v, g) =>
        tf.mul(g, tf.rsqrt(v)),
      );
      const shift = derivedWeight('shift', mean.shape, [mean, scale, call.weight('beta')], (m, s, b) =>
        tf.sub(b, tf.mul(m, s)),
      );
      to.output(to.add(scaleStep(scale, shift, -1), to.inputs));
    });
    // Each layer is asked with what the steps before gave it, so that only the wrong one differs.
    expect(found).toEqual(['a_norm_2']);
  });

  test('locates a forgotten activation, a forgotten bias, a wrong function', async () => {
    const withoutActivation: LayerAdapter = (call, to) =>
      to.output(to.add(denseStep(call.weight('kernel'), call.weight('bias')), to.inputs));
    expect(await differing(cnn(), 'dense_1', withoutActivation)).toEqual(['dense_1']);
    const withoutBias: LayerAdapter = (call, to) =>
      to.output(to.add(activationStep('relu'), [to.add(denseStep(call.weight('kernel')), to.inputs)]));
    expect(await differing(cnn(), 'dense_1', withoutBias)).toEqual(['dense_1']);
    const leaky: LayerAdapter = (_call, to) =>
      to.output(
        to.add(
          elementwise('leaky', (t) => tf.leakyRelu(t, 0.1)),
          to.inputs,
        ),
      );
    expect(await differing(residualNet(), 'ReLU', leaky)).toHaveLength(5);
  });

  test('locates an output of another shape, even one that would broadcast', async () => {
    const found = await differing(cnn(), 'dense_2', (_call, to) =>
      to.output(
        to.add(
          reshapeStep((shape) => [shape[0] ?? 1, 16, 1]),
          to.inputs,
        ),
      ),
    );
    expect(found).toEqual(['dense_2']);
    const single = tfl.sequential({ layers: [tfl.layers.dense({ units: 3, inputShape: [1], name: 'wide' })] });
    randomizeWeights(single);
    const kept: LayerAdapter = (_call, to) =>
      to.output(
        to.add(
          elementwise('same', (t) => tf.clone(t)),
          to.inputs,
        ),
      );
    const made = plan(single, undefined, { registry: defaultRegistry.with('wide', kept) });
    const one = tf.ones([1, 1]);
    expect((await made.check(one)).map((row) => [row.difference, row.problem])).toEqual([
      [0, null],
      [Number.POSITIVE_INFINITY, 'its steps give shape [1, 1], the layer gives [1, 3]'],
    ]);
    one.dispose();
    made.dispose();
  });

  test('a step that cannot run says what went wrong, and nothing is left', async () => {
    const made = plan(net, undefined, {
      registry: defaultRegistry.with('pool', (_call, to) =>
        to.output(
          to.add(
            elementwise('broken', () => {
              throw new Error('mine');
            }),
            to.inputs,
          ),
        ),
      ),
    });
    const before = tensorCount();
    const rows = await made.check(x);
    expect(tensorCount()).toBe(before);
    const failed = rows.filter((row) => row.problem !== null);
    expect(failed).toEqual([
      {
        address: 'pool',
        layerType: 'GlobalAveragePooling2D',
        difference: Number.POSITIVE_INFINITY,
        problem: 'its step pool (broken) fails: mine',
      },
    ]);
    // What follows goes on with the output of the layer itself.
    for (const row of rows) if (row.address !== 'pool') expect(row.difference).toBeLessThan(1e-5);
    made.dispose();
  });
});
