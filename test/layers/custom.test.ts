// Layers of one's own: described by steps, as elementwise, by the model inside, or approximated.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import {
  activationStep,
  addStep,
  defaultRegistry,
  denseStep,
  elementwiseAdapter,
  epsilon,
  explain,
  globalAverageStep,
  type LayerAdapter,
  layerNormStep,
  matMulStep,
  multiplyStep,
  PlanError,
  plan,
  rescaleStep,
  reshapeStep,
  rmsNormStep,
  signalTakeAll,
  softmaxStep,
  subModelAdapter,
  uniformSplit,
} from '../../src/index.js';
import {
  at,
  errorOf,
  expectNumbersClose,
  numbers,
  randomizeWeights,
  randomTensor,
  tensorCount,
} from '../explanation/tools.js';

type Inputs = tf.Tensor | tf.Tensor[];
const only = (inputs: Inputs): tf.Tensor => (Array.isArray(inputs) ? at(inputs, 0) : inputs);
const init = () => tfl.initializers.glorotUniform({});

/** Weights by name, in the order they were added. */
abstract class Weighted extends tfl.layers.Layer {
  protected read(name: string): tf.Tensor {
    const found = this.weights.find((weight) => weight.originalName.endsWith(name));
    if (!found) throw new Error(`no weight ${name}`);
    return found.read();
  }
  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    return shape;
  }
}

/** Averages each channel, sends the averages through two dense layers, multiplies the channels by the result. */
class SqueezeExcite extends Weighted {
  static readonly className = 'SqueezeExcite';
  override build(shape: tfl.Shape): void {
    const channels = shape[3] ?? 1;
    this.addWeight('reduce_kernel', [channels, 2], 'float32', init());
    this.addWeight('reduce_bias', [2], 'float32', someBias());
    this.addWeight('expand_kernel', [2, channels], 'float32', init());
    this.addWeight('expand_bias', [channels], 'float32', someBias());
    this.built = true;
  }
  override call(inputs: Inputs): tf.Tensor {
    return tf.tidy(() => {
      const x = only(inputs);
      const dense = (v: tf.Tensor, name: string) =>
        tf.add(tf.matMul(v, this.read(`${name}_kernel`)), this.read(`${name}_bias`));
      const gate = tf.sigmoid(dense(tf.relu(dense(tf.mean(x, [1, 2]), 'reduce')), 'expand'));
      return tf.mul(x, tf.reshape(gate, [x.shape[0] ?? 1, 1, 1, x.shape[3] ?? 1]));
    });
  }
}

const squeezeExcite: LayerAdapter = (call, to) => {
  const [x = -1] = to.inputs;
  const mean = to.add(globalAverageStep([1, 2]), [x], 'squeeze');
  const small = to.add(denseStep(call.weight('reduce_kernel'), call.weight('reduce_bias')), [mean], 'reduce');
  const active = to.add(activationStep('relu'), [small], 'activation');
  const large = to.add(denseStep(call.weight('expand_kernel'), call.weight('expand_bias')), [active], 'expand');
  const gate = to.add(activationStep('sigmoid'), [large], 'gate');
  const spread = to.add(
    reshapeStep(([batch = 1, channels = 1]) => [batch, 1, 1, channels]),
    [gate],
    'spread',
  );
  to.output(to.add(multiplyStep(0), [x, spread], 'scale'));
};

/** A dense layer, and another one whose sigmoid is its gate. */
class GatedLinearUnit extends Weighted {
  static readonly className = 'GatedLinearUnit';
  override build(shape: tfl.Shape): void {
    const features = shape[shape.length - 1] ?? 1;
    this.addWeight('value_kernel', [features, features], 'float32', init());
    this.addWeight('gate_kernel', [features, features], 'float32', init());
    this.addWeight('gate_bias', [features], 'float32', someBias());
    this.built = true;
  }
  override call(inputs: Inputs): tf.Tensor {
    return tf.tidy(() => {
      const x = only(inputs);
      const gate = tf.sigmoid(tf.add(tf.matMul(x, this.read('gate_kernel')), this.read('gate_bias')));
      return tf.mul(tf.matMul(x, this.read('value_kernel')), gate);
    });
  }
}

const gatedLinearUnit: LayerAdapter = (call, to) => {
  const value = to.add(denseStep(call.weight('value_kernel')), to.inputs, 'value');
  const open = to.add(denseStep(call.weight('gate_kernel'), call.weight('gate_bias')), to.inputs, 'open');
  const gate = to.add(activationStep('sigmoid'), [open], 'gate');
  to.output(to.add(multiplyStep(0), [value, gate], 'product'));
};

/** `softmax(Q Kᵀ / sqrt(n)) V` with one head, after an RMS normalization, added to what came in. */
class SelfAttention extends Weighted {
  static readonly className = 'SelfAttention';
  override build(shape: tfl.Shape): void {
    const features = shape[shape.length - 1] ?? 1;
    for (const name of ['query', 'key', 'value']) this.addWeight(name, [features, features], 'float32', init());
    this.addWeight('gamma', [features], 'float32', someBias());
    this.built = true;
  }
  override call(inputs: Inputs): tf.Tensor {
    return tf.tidy(() => {
      const x = only(inputs);
      const [batch = 1, time = 1, features = 1] = x.shape;
      const root = tf.sqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-6));
      const rows = tf.reshape(tf.mul(tf.div(x, root), this.read('gamma')), [batch * time, features]);
      const [q, k, v] = ['query', 'key', 'value'].map((name) =>
        tf.reshape(tf.matMul(rows, this.read(name)), [batch, time, features]),
      ) as [tf.Tensor, tf.Tensor, tf.Tensor];
      const scores = tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(features));
      return tf.add(x, tf.matMul(tf.softmax(scores), v));
    });
  }
}

const selfAttention: LayerAdapter = (call, to) => {
  const [x = -1] = to.inputs;
  const features = call.inputShapes[0]?.[2] ?? 1;
  const normed = to.add(rmsNormStep(call.weight('gamma')), [x], 'norm');
  const project = (name: string) => to.add(denseStep(call.weight(name)), [normed], name);
  const query = to.add(rescaleStep(1 / Math.sqrt(features), 0), [project('query')], 'scale');
  const scores = to.add(matMulStep({ transposeB: true }), [query, project('key')], 'scores');
  const weights = to.add(softmaxStep(), [scores], 'softmax');
  const context = to.add(matMulStep({ signal: 1 }), [weights, project('value')], 'context');
  to.output(to.add(addStep(), [x, context], 'residual'));
};

const CASES = [
  {
    name: 'squeeze and excite',
    make: () => new SqueezeExcite({ name: 'own' }),
    adapter: squeezeExcite,
    shape: [3, 4, 5],
  },
  { name: 'gated linear unit', make: () => new GatedLinearUnit({ name: 'own' }), adapter: gatedLinearUnit, shape: [5] },
  { name: 'attention', make: () => new SelfAttention({ name: 'own' }), adapter: selfAttention, shape: [4, 5] },
] as const;

/** The layer, flattened where need be, and two classes. */
function modelWith(layer: tfl.layers.Layer, shape: readonly number[], seed = 3): tfl.LayersModel {
  const model = tfl.sequential({
    layers: [
      tfl.layers.inputLayer({ inputShape: [...shape] }),
      layer,
      ...(shape.length > 1 ? [tfl.layers.flatten({ name: 'flat' })] : []),
      tfl.layers.dense({ name: 'classes', units: 2 }),
    ],
  });
  randomizeWeights(model, seed);
  return model;
}

describe.each(CASES)('$name', ({ make, adapter, shape }) => {
  test.each(['epsilon', 'attn-lrp', 'cp-lrp'])(
    'computes what the layer computes, and conserves with %s',
    async (preset) => {
      const layer = make();
      const model = modelWith(layer, shape);
      const x = randomTensor([2, ...shape]);
      const before = tensorCount();
      const reused = plan(model, preset, { registry: defaultRegistry.with(layer.getClassName(), adapter) });
      for (const { address, difference } of await reused.check(x)) expect(difference, address).toBeLessThan(1e-5);
      const explanation = reused.explain(x, { target: 1 });
      expect((await explanation.conservation()).verdict).toBe('closed');
      explanation.dispose();
      reused.dispose();
      expect(tensorCount()).toBe(before);
    },
  );

  test('approximated: gradient x input in the units of the score, booked in full', async () => {
    const model = modelWith(make(), shape);
    const x = randomTensor([2, ...shape]);
    const before = tensorCount();
    const explanation = explain(model, x, 'epsilon', { approximate: { own: 'gradient' }, target: 1 });
    const ledger = await explanation.conservation();
    expect(ledger.verdict, String(ledger)).toBe('closed');
    const [row] = explanation.plan.rows.filter(({ address }) => address === 'own');
    expect(row).toMatchObject({ step: 'approximate: gradient', rule: 'gradient(stabilizer=1e-6)' });
    // Flatten and Dense with epsilon are gradient x input too, so that all of it is, up to the stabilizer.
    const score = (input: tf.Tensor) => tf.sum(tf.slice(model.apply(input) as tf.Tensor, [0, 1], [2, 1]));
    const expected = tf.tidy(() => tf.mul(x, tf.grad(score)(x)));
    expectNumbersClose(await numbers(at(explanation.inputs, 0).relevance), await numbers(expected), 1e-3);
    expected.dispose();
    explanation.dispose();
    expect(tensorCount()).toBe(before);
  });
});

describe('approximate', () => {
  test('on a linear layer it is LRP-ε', async () => {
    const model = modelWith(tfl.layers.dense({ name: 'own', units: 4, activation: 'linear' }), [5]);
    const x = randomTensor([3, 5]);
    const [near, exact] = [{ approximate: { own: 'gradient' } } as const, {}].map((options) =>
      explain(model, x, 'epsilon', { ...options, target: 0 }),
    );
    const [a, b] = [near, exact].map((one) => at(one?.inputs ?? [], 0).relevance);
    expectNumbersClose(await numbers(at([a], 0) as tf.Tensor), await numbers(at([b], 0) as tf.Tensor), 1e-4);
    const bias = async (one: typeof near) =>
      (await one?.conservation())?.rows.find((row) => row.address === 'own')?.bias;
    expect(await bias(near)).toBeCloseTo((await bias(exact)) ?? 0, 4);
    near?.dispose();
    exact?.dispose();
  });

  test('an unknown layer is an error unless it is asked for by name', async () => {
    const model = modelWith(new GatedLinearUnit({ name: 'own' }), [5]);
    expect(await errorOf(() => plan(model, 'epsilon'))).toBeInstanceOf(PlanError);
    expect(plan(model, 'epsilon', { approximate: { GatedLinearUnit: 'gradient' } }).rows).toHaveLength(3);
    const all = plan(model, 'epsilon', { approximate: 'gradient' });
    expect(all.rows.filter((row) => row.step === 'approximate: gradient').map((row) => row.address)).toEqual(['own']);
    const wrong = await errorOf(() => plan(model, 'epsilon', { approximate: { own: 'gradient', other: 'gradient' } }));
    expect(wrong.message).toContain('approximate: "other" is neither a class, a layer nor an address of this model.');
    const how = await errorOf(() => plan(model, 'epsilon', { approximate: { own: 'guess' as 'gradient' } }));
    expect(how.message).toContain('approximate: {"own": "guess"}: the only approximation is "gradient".');
  });

  test('several inputs and outputs', async () => {
    class Mix extends tfl.layers.Layer {
      static readonly className = 'Mix';
      override computeOutputShape(shapes: tfl.Shape[]): tfl.Shape[] {
        return shapes;
      }
      override call(inputs: Inputs): tf.Tensor[] {
        const [a, b] = inputs as [tf.Tensor, tf.Tensor];
        return tf.tidy(() => [tf.mul(a, b), tf.sub(a, b)]) as tf.Tensor[];
      }
    }
    const [a, b] = [tfl.input({ shape: [4] }), tfl.input({ shape: [4] })];
    const outputs = new Mix({ name: 'mix' }).apply([a, b]) as tfl.SymbolicTensor[];
    const sum = tfl.layers.concatenate().apply(outputs) as tfl.SymbolicTensor;
    const score = tfl.layers.dense({ units: 1, name: 'score' }).apply(sum) as tfl.SymbolicTensor;
    const model = tfl.model({ inputs: [a, b], outputs: score });
    const explanation = explain(model, [randomTensor([2, 4], 1), randomTensor([2, 4], 2)], 'epsilon', {
      approximate: { Mix: 'gradient' },
    });
    const ledger = await explanation.conservation();
    expect(ledger.verdict, String(ledger)).toBe('closed');
    expect(explanation.plan.rows.filter(({ address }) => address.startsWith('mix')).map((row) => row.address)).toEqual([
      'mix:output_0',
      'mix:output_1',
    ]);
    explanation.dispose();
  });

  test('a layer tfjs cannot differentiate says so', async () => {
    class Rounded extends tfl.layers.Layer {
      static readonly className = 'Rounded';
      override call(inputs: Inputs): tf.Tensor {
        return tf.tidy(() => tf.cast(tf.topk(only(inputs), 4).indices, 'float32'));
      }
    }
    const model = modelWith(new Rounded({ name: 'own' }), [4]);
    const x = randomTensor([4]);
    const error = await errorOf(() => explain(model, x, 'epsilon', { approximate: { own: 'gradient' } }));
    expect(error.message).toContain('Layer "own" (class Rounded) cannot be differentiated by tfjs');
    x.dispose();
  });
});

describe('elementwiseAdapter', () => {
  class Squash extends tfl.layers.Layer {
    static readonly className = 'Squash';
    override call(inputs: Inputs): tf.Tensor {
      return tf.tidy(() => tf.div(only(inputs), tf.add(1, tf.abs(only(inputs)))));
    }
  }

  test('runs the layer; rules take it for an activation', async () => {
    const model = modelWith(new Squash({ name: 'own' }), [5]);
    const registry = defaultRegistry.with(Squash, elementwiseAdapter({ keepsZero: true, sign: (input) => input }));
    const reused = plan(model, 'epsilon', { registry });
    expect(reused.rows.find(({ address }) => address === 'own')).toMatchObject({ step: 'Squash', rule: 'pass' });
    const x = randomTensor([2, 5]);
    for (const { difference } of await reused.check(x)) expect(difference).toBeLessThan(1e-5);
    const explanation = reused.explain(x);
    expect((await explanation.conservation()).verdict).toBe('closed');
    explanation.dispose();
    reused.dispose();
  });
});

describe('subModelAdapter', () => {
  /** A layer that runs a model it holds. */
  class Block extends tfl.layers.Layer {
    static readonly className = 'Block';
    readonly body = tfl.sequential({
      layers: [
        tfl.layers.dense({ units: 6, activation: 'relu', inputShape: [5], name: 'inner' }),
        tfl.layers.dense({ units: 3, name: 'outer' }),
      ],
    });
    override computeOutputShape(shape: tfl.Shape): tfl.Shape {
      return [shape[0] ?? null, 3];
    }
    override call(inputs: Inputs): tf.Tensor {
      return this.body.apply(only(inputs)) as tf.Tensor;
    }
  }

  test.each(['by class', 'by layer name'])('explains the model inside, registered %s', async (how) => {
    const block = new Block({ name: 'own' });
    randomizeWeights(block.body, 5);
    const model = modelWith(block, [5]);
    const adapter = subModelAdapter<Block>((layer) => layer.body);
    const registry = how === 'by class' ? defaultRegistry.with(Block, adapter) : defaultRegistry.with('own', adapter);
    const reused = plan(model, { ':inner': epsilon(0.1), Dense: epsilon() }, { registry });
    expect(reused.rows.filter(({ address }) => address.startsWith('own')).map((row) => row.address)).toEqual([
      'own:inner',
      'own:inner.activation',
      'own:outer',
    ]);
    const x = randomTensor([2, 5]);
    for (const { difference } of await reused.check(x)) expect(difference).toBeLessThan(1e-5);
    const explanation = reused.explain(x);
    expect((await explanation.conservation()).verdict).toBe('closed');
    explanation.dispose();
    reused.dispose();
  });
});

test('a normalization of one’s own, two ways to share a product', () => {
  const norms = [layerNormStep(null, null), rmsNormStep(null, [-1], 1e-5)];
  expect(norms.map(({ centered, epsilon: value }) => [centered, value])).toEqual([
    [true, 1e-3],
    [false, 1e-5],
  ]);
  const model = modelWith(new GatedLinearUnit({ name: 'own' }), [5]);
  const registry = defaultRegistry.with(GatedLinearUnit, gatedLinearUnit);
  const rules = [signalTakeAll(), uniformSplit()].map((rule) => {
    const reused = plan(model, { ':product': rule }, { registry });
    return reused.rows.find(({ address }) => address === 'own:product')?.rule;
  });
  expect(rules).toEqual(['signal-take-all', 'uniform']);
});

function someBias() {
  return tfl.initializers.randomUniform({ minval: -0.5, maxval: 0.5, seed: 3 });
}
