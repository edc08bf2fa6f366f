// Cells of one's own, through adapters of their own: a worked example.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import {
  addStep,
  defaultRegistry,
  denseStep,
  elementwise,
  explain,
  type LayerAdapter,
  multiplyStep,
  PlanError,
  plan,
} from '../../src/index.js';
import { expectClose, tensorCount, total } from '../explanation/tools.js';
import { at, predictOnCpu, randomizeWeights, randomTensor } from '../layers/reproduce.js';
import { onCpu } from '../on-cpu.js';

/** Minimal gated unit: `f = σ(x W_f)`, `h' = f h + (1 - f) tanh(x W_g)`; it answers `2 h'`, which is no state. */
class MinimalGatedCell extends tfl.layers.Layer {
  static readonly className = 'MinimalGatedCell';
  readonly stateSize: number;

  constructor(readonly units: number) {
    super({});
    this.stateSize = units;
  }

  override build(shape: tfl.Shape | tfl.Shape[]): void {
    // A cell is built with the shape of one time slice.
    const [, features] = shape as tfl.Shape;
    for (const name of ['forget', 'candidate']) {
      this.addWeight(name, [features ?? 0, this.units], 'float32', tfl.initializers.glorotNormal({ seed: 3 }));
    }
    this.built = true;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor[] {
    const [x, h] = inputs as tf.Tensor[];
    const [forget, candidate] = this.weights.map((weight) => weight.read());
    if (!x || !h || !forget || !candidate) throw new Error('two inputs, two weights');
    const f = tf.sigmoid(tf.matMul(x, forget));
    const next = tf.add(tf.mul(f, h), tf.mul(tf.sub(1, f), tf.tanh(tf.matMul(x, candidate))));
    return [tf.mul(next, 2), next];
  }
}

/** The steps of {@link MinimalGatedCell}: inputs are the slice and the state, outputs the output and the new state. */
const minimalGatedAdapter: LayerAdapter = (call, to) => {
  const [x = -1, h = -1] = to.inputs;
  const gate = to.add(denseStep(call.weight('forget')), [x], 'forget_gate');
  const f = to.add(
    elementwise('sigmoid', (z) => tf.sigmoid(z)),
    [gate],
    'forget_gate.activation',
  );
  const free = to.add(
    elementwise('1 - x', (z) => tf.sub(1, z)),
    [f],
    'forget_gate.complement',
  );
  const candidate = to.add(denseStep(call.weight('candidate')), [x], 'candidate');
  const g = to.add(
    elementwise('tanh', (z) => tf.tanh(z)),
    [candidate],
    'candidate.activation',
  );
  const kept = to.add(multiplyStep(1), [f, h], 'kept');
  const written = to.add(multiplyStep(1), [free, g], 'written');
  const next = to.add(addStep(), [kept, written], 'hidden');
  to.output(to.add(addStep(), [next, next], 'output'), next);
};

function modelOf(units = 3): tfl.LayersModel {
  // tfjs' type of a cell is not public; a layer with `stateSize` is one.
  const cell = new MinimalGatedCell(units) as unknown as ReturnType<typeof tfl.layers.lstmCell>;
  const model = tfl.sequential({
    layers: [
      tfl.layers.masking({ inputShape: [4, 2] }),
      tfl.layers.rnn({ cell, name: 'memory' }),
      tfl.layers.dense({ units: 2, name: 'out' }),
    ],
  });
  randomizeWeights(model);
  return model;
}

test('a cell of one’s own is explained through its adapter', async () => {
  const model = modelOf();
  const registry = defaultRegistry.with(MinimalGatedCell, minimalGatedAdapter);
  const x = randomTensor([2, 4, 2]);
  const made = plan(model, 'epsilon', { registry });
  // tfjs' own masks do not work on webgpu.
  await onCpu(
    async () => {
      for (const { difference } of await made.check(x)) expect(difference).toBeLessThan(1e-5);
    },
    model,
    x,
  );
  const explanation = made.explain(x);
  const ledger = await explanation.conservation();
  expect(ledger.verdict).toBe('closed');
  await expectClose(at(explanation.outputs, 0).value, at(await predictOnCpu(model, [x]), 0));
  expect(Math.abs(await total(at(explanation.inputs, 0).relevance))).toBeGreaterThan(1e-3);
  expect(made.rows.filter((row) => row.address === 'memory:candidate').map((row) => row.rule)).toEqual([
    'epsilon(epsilon=1e-6)',
  ]);
  for (const disposable of [explanation, made, model]) disposable.dispose();
});

test('an unknown cell is one complaint, with the class and the remedy', () => {
  const model = modelOf();
  const before = tensorCount();
  let caught: unknown;
  try {
    explain(model, randomTensor([1, 4, 2]));
  } catch (error) {
    caught = error;
  }
  if (!(caught instanceof PlanError)) throw new Error('expected a PlanError');
  expect(caught.problems).toHaveLength(1);
  expect(at(caught.problems, 0)).toMatchObject({ address: 'memory', layerType: 'MinimalGatedCell' });
  expect(caught.message).toContain('class MinimalGatedCell');
  expect(caught.message).toContain('defaultRegistry.with(MinimalGatedCell, adapter)');
  expect(tensorCount()).toBe(before + 1);
  model.dispose();
});
