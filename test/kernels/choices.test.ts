// Which of tfjs' kernels an explanation runs, and which it must not: they are wrong, or missing, on some backend.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, inject, test } from 'vitest';
import { plan } from '../../src/index.js';
import { every, kernelChoices, mostAdded } from '../../src/kernels/choices.js';
import { randomizeWeights, randomTensor } from '../explanation/tools.js';

const backend = inject('backend');

/** The kernels of an explanation of a random input. */
async function kernelsOf(layers: tfl.layers.Layer[], shape: readonly number[]): Promise<ReadonlySet<string>> {
  const model = tfl.sequential({ layers: [...layers, tfl.layers.flatten(), tfl.layers.dense({ units: 2 })] });
  randomizeWeights(model);
  const x = randomTensor([1, ...shape]);
  const made = plan(model, 'epsilon-alpha2-beta1');
  const { kernels } = await tf.profile(() => made.explain(x).dispose());
  for (const disposable of [x, made, model]) disposable.dispose();
  return new Set(kernels.map(({ name }) => name));
}

const planes = async () =>
  kernelsOf(
    [
      tfl.layers.conv2d({ filters: 3, kernelSize: 3, strides: 2, activation: 'relu', inputShape: [12, 12, 2] }),
      tfl.layers.depthwiseConv2d({ kernelSize: 2, strides: 2 }),
      tfl.layers.conv2d({ filters: 3, kernelSize: 1, activation: 'relu' }),
      tfl.layers.maxPooling2d({ poolSize: 2, strides: 1 }),
      tfl.layers.averagePooling2d({ poolSize: 1 }),
    ],
    [12, 12, 2],
  );

const volumes = async () =>
  kernelsOf(
    [
      tfl.layers.conv3d({ filters: 2, kernelSize: 2, strides: 2, activation: 'relu', inputShape: [6, 6, 6, 2] }),
      tfl.layers.maxPooling3d({ poolSize: 2, strides: 1 }),
    ],
    [6, 6, 6, 2],
  );

// Ties of max pooling, negative maxima on wasm; indices of the same; the volume's adjoint on wasm; NaN on wasm.
const WRONG = ['MaxPoolGrad', 'MaxPool3DGrad', 'MaxPoolWithArgmax', 'Conv3DBackpropInputV2'];

test('kernels that are wrong on some backend are run on none', async () => {
  const run = new Set([...(await planes()), ...(await volumes())]);
  expect(WRONG.filter((name) => run.has(name))).toEqual([]);
});

test('the kernels for strides are those of the table', async () => {
  const run = await planes();
  const { stridedConvAdjoint, stridedDepthwiseAdjoint } = kernelChoices();
  expect(run.has('Conv2DBackpropInput')).toBe(stridedConvAdjoint === 'native');
  expect(run.has('DepthwiseConv2dNativeBackpropInput')).toBe(stridedDepthwiseAdjoint === 'native');
});

test('each backend has its row', () => {
  const webgpu = { ...every('native'), convAdjoint: 'composed' };
  const rows = {
    cpu: every('native'),
    wasm: { ...every('composed'), oddProduct: 'native' },
    webgl: { ...webgpu, oddProduct: 'composed' },
    webgpu,
  };
  expect(kernelChoices()).toEqual(rows[backend]);
});

test('as many tensors as are added at once are added by one kernel, and all of them', async () => {
  const tensors = Array.from({ length: mostAdded() }, (_, index) => tf.tensor1d([1, 2 ** index]));
  const { kernelNames, result } = await tf.profile(() => tf.addN(tensors));
  expect(kernelNames).toContain('AddN');
  expect([...(await (result as tf.Tensor).data())]).toEqual([tensors.length, Math.fround(2 ** tensors.length - 1)]); // of addN
  tf.dispose([result, ...tensors]);
});
