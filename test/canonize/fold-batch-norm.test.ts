// Batch normalization worked into its neighbours: the same function, and a reason wherever it stays.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { canonize } from '../../src/canonize/canonize.js';
import type { FoldMode } from '../../src/index.js';
import { plan } from '../../src/index.js';
import { apply, at, expectClose, predict, randomizeWeights, randomTensor, tensorCount } from '../explanation/tools.js';
import { lowered, runSteps } from '../layers/reproduce.js';

const { layers } = tfl;
const isNorm = (layer: tfl.layers.Layer) => layer.getClassName() === 'BatchNormalization';
const norm = (name: string, axis = -1) => layers.batchNormalization({ name, axis });

/** Random weights; variances as small as the epsilon of the normalization, so that leaving that out would show. */
function withWeights(model: tfl.LayersModel): tfl.LayersModel {
  randomizeWeights(model, 5);
  for (const [index, layer] of model.layers.entries()) {
    if (!isNorm(layer)) continue;
    tf.tidy(() => {
      const size = Number(at(layer.weights, 0).shape[0]);
      const [gamma, beta, mean] = [1, 2, 3].map((n) => randomTensor([size], 100 * index + n));
      const variance = tf.add(tf.mul(randomTensor([size], 100 * index + 4), 0.0008), 0.001);
      layer.setWeights([tf.add(gamma as tf.Tensor, 0.1), beta as tf.Tensor, mean as tf.Tensor, variance]);
    });
  }
  return model;
}

/** A chain of layers, with weights. */
function chain(shape: readonly number[], ...list: tfl.layers.Layer[]): tfl.LayersModel {
  const inputs = tfl.input({ shape: [...shape], name: 'x' });
  const outputs = list.reduce((y: tfl.SymbolicTensor, layer) => apply(layer, y), inputs);
  return withWeights(tfl.model({ inputs, outputs }));
}

/** A chain of layers with batch normalization by its formula, for what tfjs cannot do: rank 5, and on cpu other axes. */
function literally(model: tfl.LayersModel, x: tf.Tensor): tf.Tensor {
  return tf.tidy(() =>
    model.layers.slice(1).reduce((y: tf.Tensor, layer) => {
      if (!isNorm(layer)) return layer.apply(y) as tf.Tensor; // one tensor in, one tensor out
      const { axis, epsilon } = layer.getConfig();
      const shape = y.shape.map((size, index) => (index === (Number(axis) + y.rank) % y.rank ? size : 1));
      const [gamma, beta, mean, variance] = layer.getWeights().map((weight) => tf.reshape(weight, shape));
      if (!gamma || !beta || !mean || !variance) throw new Error('all four weights are expected');
      const deviation = tf.sqrt(tf.add(variance, Number(epsilon)));
      return tf.add(tf.mul(tf.div(tf.sub(y, mean), deviation), gamma), beta);
    }, x),
  );
}

/** True for rank 5 and for other axes than the last. */
function needsFormula(model: tfl.LayersModel): boolean {
  return model.layers
    .filter(isNorm)
    .some((layer) => layer.getConfig().axis !== -1 || at(model.inputs, 0).shape.length === 5);
}

/** The rewritten graph answers what the model does. How many normalizations are left in it. */
async function reproduces(model: tfl.LayersModel, mode: FoldMode = 'both'): Promise<number> {
  const xs = model.inputs.map((input, index) => randomTensor([2, ...input.shape.slice(1).map(Number)], 50 + index));
  const expected = needsFormula(model) ? [literally(model, at(xs, 0))] : predict(model, xs);
  const before = tensorCount();
  const low = lowered(model);
  const { graph } = canonize(low.graph, { batchNorm: mode, links: false });
  expect(tensorCount()).toBe(before);
  const actual = runSteps({ ...low, graph }, xs);
  expect(actual).toHaveLength(expected.length);
  for (const [index, y] of actual.entries()) await expectClose(y, at(expected, index), 1e-5);
  tf.dispose([...xs, ...expected, ...actual]);
  expect(tensorCount()).toBe(before - xs.length - expected.length);
  return graph.nodes.filter(({ step }) => step.kind === 'linear' && step.foldsAlong !== undefined).length;
}

/** The plan's row of an address. */
function row(model: tfl.LayersModel, address: string, mode: FoldMode = 'both') {
  const made = plan(model, 'epsilon', { canonize: { batchNorm: mode } });
  made.dispose();
  const found = made.rows.filter((candidate) => candidate.address === address);
  expect(found, `rows of ${address}`).toHaveLength(1);
  const { notes, ...rest } = at(found, 0);
  // Every normalization says so, folded or not.
  expect(notes.includes(INFERENCE)).toBe(rest.layerType === 'BatchNormalization');
  return { ...rest, notes: notes.filter((note) => note !== INFERENCE) };
}

const INFERENCE = 'uses its moving mean and variance, as in predict';

/** The normalization `bn` is gone, and both rows say where it went. */
async function foldsInto(model: tfl.LayersModel, keeper: string): Promise<void> {
  expect(await reproduces(model)).toBe(0);
  expect(row(model, 'bn')).toMatchObject({ rule: '-', because: `folded into "${keeper}"`, notes: [] });
  expect(row(model, keeper).notes).toEqual(['batch norm "bn" folded in']);
  // The function is also that of the graph in which it stays.
  expect(await reproduces(model, 'none')).toBe(1);
}

/** The normalization `bn` stays, for these reasons. */
async function stays(model: tfl.LayersModel, reasons: string, mode: FoldMode = 'both'): Promise<void> {
  expect(await reproduces(model, mode)).toBe(1);
  const { rule, notes } = row(model, 'bn', mode);
  expect(notes).toEqual([`left unmerged: ${reasons}`]);
  expect(rule).toBe('pass');
}

type Linear = [what: string, shape: number[], make: () => tfl.layers.Layer, into: string];
const name = 'w';

describe('folded into the layer before', () => {
  const cases: Linear[] = [
    ['Dense', [4], () => layers.dense({ units: 3, name }), 'w'],
    ['Dense without bias', [4], () => layers.dense({ units: 3, useBias: false, name }), 'w'],
    ['Dense, rank 3', [5, 4], () => layers.dense({ units: 3, name }), 'w'],
    ['Conv1D', [7, 3], () => layers.conv1d({ filters: 4, kernelSize: 3, padding: 'same', name }), 'w'],
    ['Conv2D', [6, 7, 3], () => layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', strides: 2, name }), 'w'],
    ['Conv3D', [4, 5, 4, 2], () => layers.conv3d({ filters: 3, kernelSize: 2, padding: 'same', name }), 'w'],
    [
      'DepthwiseConv2D',
      [5, 5, 3],
      () => layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same', name }),
      'w',
    ],
    [
      'SeparableConv2D',
      [5, 5, 3],
      () => layers.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2, padding: 'same', name }),
      'w:pointwise',
    ],
    [
      'Conv2DTranspose',
      [4, 4, 3],
      () => layers.conv2dTranspose({ filters: 5, kernelSize: 3, strides: 2, padding: 'same', name }),
      'w',
    ],
  ];
  test.each(cases)('%s', async (_what, shape, make, into) => {
    await foldsInto(chain(shape, make(), norm('bn')), into);
  });

  test('channelsFirst: the permutation between is looked through', async () => {
    const conv = layers.conv2d({ filters: 4, kernelSize: 3, dataFormat: 'channelsFirst', name });
    const model = chain([3, 6, 5], conv, norm('bn', 1));
    const keeper = at(
      plan(model).rows.filter((candidate) => candidate.notes.includes('batch norm "bn" folded in')),
      0,
    );
    expect(keeper.step).toBe('conv2d 3x3');
    await foldsInto(model, keeper.address);
  });

  test('without center and scale', async () => {
    const inputs = tfl.input({ shape: [4] });
    const hidden = apply(layers.dense({ units: 3, name }), inputs);
    const outputs = apply(layers.batchNormalization({ name: 'bn', center: false, scale: false, epsilon: 0.5 }), hidden);
    const model = tfl.model({ inputs, outputs });
    randomizeWeights(model, 3);
    await foldsInto(model, 'w');
  });

  test('two in a row, both', async () => {
    const model = chain([4], layers.dense({ units: 3, name }), norm('bn'), norm('bn_2'));
    expect(await reproduces(model)).toBe(0);
    expect(row(model, 'w').notes).toEqual(['batch norm "bn" folded in', 'batch norm "bn_2" folded in']);
  });
});

describe('folded into the layer after', () => {
  const cases: Linear[] = [
    ['Dense', [4], () => layers.dense({ units: 3, name }), 'w'],
    ['Dense without bias', [4], () => layers.dense({ units: 3, useBias: false, name }), 'w'],
    ['Dense, rank 3', [5, 4], () => layers.dense({ units: 3, name }), 'w'],
    ['Conv1D', [7, 3], () => layers.conv1d({ filters: 4, kernelSize: 3, dilationRate: 2, name }), 'w'],
    ['Conv2D', [6, 7, 3], () => layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, name }), 'w'],
    [
      'Conv2D 1x1 with padding that adds nothing',
      [4, 5, 3],
      () => layers.conv2d({ filters: 4, kernelSize: 1, padding: 'same', name }),
      'w',
    ],
    ['Conv3D', [4, 5, 4, 2], () => layers.conv3d({ filters: 3, kernelSize: 2, name }), 'w'],
    ['DepthwiseConv2D', [5, 5, 3], () => layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, name }), 'w'],
    [
      'SeparableConv2D',
      [5, 5, 3],
      () => layers.separableConv2d({ filters: 4, kernelSize: 3, depthMultiplier: 2, name }),
      'w:depthwise',
    ],
  ];
  test.each(cases)('%s', async (_what, shape, make, into) => {
    await foldsInto(chain(shape, norm('bn'), make()), into);
  });

  test('two in a row', async () => {
    const model = chain([4], norm('bn'), norm('bn_2'), layers.dense({ units: 3, name }));
    expect(await reproduces(model)).toBe(0);
    for (const address of ['bn', 'bn_2']) {
      expect(row(model, address)).toMatchObject({ rule: '-', because: 'folded into "w"', notes: [] });
    }
    expect(row(model, 'w').notes).toEqual(['batch norm "bn_2" folded in', 'batch norm "bn" folded in']);
  });

  test('the layer before is preferred', async () => {
    await foldsInto(
      chain([4], layers.dense({ units: 3, name }), norm('bn'), layers.dense({ units: 2, name: 'v' })),
      'w',
    );
  });

  test('the layer before has an activation', async () => {
    const first = layers.dense({ units: 3, activation: 'relu', name: 'v' });
    await foldsInto(chain([4], first, norm('bn'), layers.dense({ units: 2, name })), 'w');
  });
});

test('a layer shared by two calls, each with a normalization of its own', async () => {
  const inputs = ['a', 'b'].map((key) => tfl.input({ shape: [4], name: key }));
  const shared = layers.dense({ units: 3, name });
  const branches = inputs.map((input, index) => apply(norm(`bn_${index}`), apply(shared, input)));
  const model = withWeights(tfl.model({ inputs, outputs: apply(layers.concatenate(), branches) }));
  expect(await reproduces(model)).toBe(0);
  expect(row(model, 'w').notes).toEqual(['batch norm "bn_0" folded in']);
  expect(row(model, 'w#1').notes).toEqual(['batch norm "bn_1" folded in']);
});

describe('left unmerged', () => {
  test('what lies between is read elsewhere', async () => {
    const inputs = tfl.input({ shape: [4], name: 'x' });
    const hidden = apply(layers.dense({ units: 3, name }), inputs);
    const outputs = apply(layers.add({ name: 'sum' }), [apply(norm('bn'), hidden), hidden]);
    await stays(
      withWeights(tfl.model({ inputs, outputs })),
      'the tensor between is read by "bn" and "sum"; "sum" (add) stands after it, not a linear layer',
    );
  });

  test('its own output is read twice', async () => {
    const inputs = tfl.input({ shape: [4], name: 'x' });
    const hidden = apply(norm('bn'), inputs);
    const both = ['p', 'q'].map((key) => apply(layers.dense({ units: 2, name: key }), hidden));
    await stays(
      withWeights(tfl.model({ inputs, outputs: both })),
      'no linear layer comes before it; the tensor between is read by "p" and "q"',
    );
  });

  test('a padded convolution after it', async () => {
    await stays(
      chain([5, 5, 2], norm('bn'), layers.conv2d({ filters: 3, kernelSize: 3, padding: 'same', name })),
      'no linear layer comes before it; its shift cannot cross the border of "w" (conv2d 3x3), where fewer inputs meet',
    );
  });

  test('a transposed convolution after it', async () => {
    await stays(
      chain([4, 4, 2], norm('bn'), layers.conv2dTranspose({ filters: 3, kernelSize: 3, name })),
      'no linear layer comes before it; its shift cannot cross the border of "w" (conv2d transpose 3x3), where fewer inputs meet',
    );
  });

  test('activations on both sides', async () => {
    const [first, last] = [layers.dense({ units: 3, name: 'p' }), layers.dense({ units: 3, name: 'q' })];
    await stays(
      chain(
        [4],
        first,
        layers.reLU({ name: 'r' }),
        norm('bn'),
        layers.activation({ activation: 'tanh', name: 't' }),
        last,
      ),
      '"r" (relu) stands before it, not a linear layer; "t" (tanh) stands after it, not a linear layer',
    );
  });

  test('outputs of the model', async () => {
    const inputs = tfl.input({ shape: [4], name: 'x' });
    const hidden = apply(layers.dense({ units: 3, name }), inputs);
    const normed = apply(norm('bn'), hidden);
    const after = apply(layers.dense({ units: 2, name: 'v' }), normed);
    const output = 'the tensor between is an output of the model';
    await stays(withWeights(tfl.model({ inputs, outputs: [hidden, normed, after] })), `${output}; ${output}`);
  });

  test('another axis than the channels', async () => {
    await stays(
      chain([5, 4], layers.dense({ units: 3, name }), norm('bn', 1)),
      'its axis is not the channel axis of "w"; the tensor between is an output of the model',
    );
  });
});

describe('modes', () => {
  const behind = () => chain([4], layers.dense({ units: 3, name }), norm('bn'));
  const ahead = () => chain([4], norm('bn'), layers.dense({ units: 3, name }));

  test('after: only into the layer before', async () => {
    expect(await reproduces(behind(), 'after')).toBe(0);
    await stays(ahead(), 'no linear layer comes before it', 'after');
  });

  test('none: all stay, without remark', async () => {
    for (const model of [behind(), ahead()]) {
      expect(await reproduces(model, 'none')).toBe(1);
      expect(row(model, 'bn', 'none')).toMatchObject({ rule: 'pass', notes: [] });
      expect(row(model, 'w', 'none').notes).toEqual([]);
    }
  });

  test('the default is both', () => {
    const low = lowered(ahead());
    expect(canonize(low.graph).graph.nodes).toHaveLength(low.graph.nodes.length - 1);
  });
});
