// Channels one short of a multiple of four: tfjs' average pooling and padded convolution can hang wasm, see `short-of-four.ts`.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { plan } from '../../src/index.js';
import { kernelChoices } from '../../src/kernels/choices.js';
import { convOp } from '../../src/kernels/conv-op.js';
import { sumAxis } from '../../src/kernels/sums.js';
import { averagePool } from '../../src/kernels/window.js';
import { randomizeWeights, randomTensor } from '../explanation/tools.js';
import { type Call, callsOf } from './calls.js';
import { read } from './check.js';

const { layers } = tfl;

/** Whether a call is one that wasm can hang on. */
function isRisky({ name, inputs, attributes }: Call): boolean {
  const channels = inputs.x?.shape[3] ?? 0;
  if (channels % 4 !== 3) return false;
  const { pad } = attributes;
  const padded = Array.isArray(pad) ? pad.flat().some((count) => count !== 0) : pad !== 'valid';
  return name === 'AvgPool' || ((name === 'Conv2D' || name === 'FusedConv2D') && padded);
}

// First, while the heap has no gaps but those that small tensors fill: that is where wasm begins to hang.
test('a heap without gaps goes on', async () => {
  const kept: tf.Tensor[] = [];
  const fill = (count: number) => {
    for (let index = 0; index < count; index++) kept.push(tf.tensor1d([1, 2, 3]));
  };
  const op = convOp({ strides: [1], padding: 'same', dilations: [1] });
  fill(400);
  for (let turn = 0; turn < 20; turn++) {
    fill(7);
    const [x, kernel] = [tf.ones([1, 3, 3]), tf.ones([2, 3, 1])];
    expect((await read(() => op.forward.run(x, [kernel], null))).values).toEqual(Float64Array.of(6, 6, 3));
    fill(turn);
    const pooled = await read(() => averagePool(x, { sizes: [3], strides: [3], padding: 'valid' }));
    expect(pooled.values).toEqual(Float64Array.of(1, 1, 1));
    expect((await read(() => sumAxis(x, 1))).values).toEqual(Float64Array.of(3, 3, 3));
    kept.push(x, kernel);
  }
  tf.dispose(kept);
});

const conv = (filters: number, strides = 1) =>
  layers.conv2d({ filters, kernelSize: 3, strides, padding: 'same', activation: 'relu' });

const NETS: Readonly<Record<string, () => { shape: number[]; of: tfl.layers.Layer[] }>> = {
  planes: () => ({
    shape: [12, 12, 3],
    of: [
      conv(7),
      layers.averagePooling2d({ poolSize: 2 }),
      conv(3, 2),
      layers.averagePooling2d({ poolSize: 2, strides: 1, padding: 'same' }),
      layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
      layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2, padding: 'same' }),
      layers.upSampling2d({ size: [2, 2] }),
      layers.globalAveragePooling2d({}),
    ],
  }),
  sequences: () => ({
    shape: [12, 3],
    of: [
      layers.conv1d({ filters: 7, kernelSize: 2, padding: 'same', activation: 'relu' }),
      layers.conv1d({ filters: 3, kernelSize: 3, padding: 'same', dilationRate: 2, activation: 'tanh' }),
      layers.averagePooling1d({ poolSize: 2 }),
      layers.lstm({ units: 3, recurrentInitializer: 'zeros', returnSequences: true }),
      layers.globalAveragePooling1d({}),
    ],
  }),
  volumes: () => ({
    shape: [4, 4, 4, 3],
    of: [
      layers.conv3d({ filters: 7, kernelSize: 2, padding: 'same', activation: 'relu' }),
      layers.conv3d({ filters: 3, kernelSize: 2, strides: 2, padding: 'same' }),
      layers.flatten(),
    ],
  }),
};

for (const [name, make] of Object.entries(NETS)) {
  test.each(['epsilon', 'epsilon-alpha2-beta1', 'epsilon-gamma-box', 'epsilon-plus-flat'] as const)(
    `${name}, %s: only called where the table says that they are safe`,
    (preset) => {
      const { shape, of } = make();
      const given = layers.inputLayer({ inputShape: shape });
      const model = tfl.sequential({ layers: [given, ...of, layers.dense({ units: 2 })] });
      randomizeWeights(model);
      const x = randomTensor([2, ...shape]);
      const made = plan(model, preset, { inputRange: [-4, 4] });
      const calls = callsOf(() => made.explain(x, { target: 0 }).dispose());
      expect(calls.some(isRisky)).toBe(kernelChoices().shortOfFour === 'native');
      for (const disposable of [x, made, model]) disposable.dispose();
    },
  );
}
