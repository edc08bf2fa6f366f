// On f(x) = 2 x₀ x₁ over two time steps everything is known by hand.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { gradientTimesInput, occlusion } from '../../../examples/lib/attributions.js';
import { rowsOf } from '../../../examples/lib/rows.js';

function product(): tfl.LayersModel {
  const x = tfl.input({ shape: [2, 1] });
  const flat = tfl.layers.flatten().apply(x) as tfl.SymbolicTensor;
  const pick = (kernel: number[]) => {
    const layer = tfl.layers.dense({ units: 1, useBias: false });
    const y = layer.apply(flat) as tfl.SymbolicTensor;
    tf.tidy(() => layer.setWeights([tf.tensor2d(kernel, [2, 1])]));
    return y;
  };
  const y = tfl.layers.multiply().apply([pick([2, 0]), pick([0, 1])]) as tfl.SymbolicTensor;
  return tfl.model({ inputs: x, outputs: y });
}

test('gradient × input is 2 x₀ x₁ at both steps, sample by sample; so is what occlusion takes away', async () => {
  const model = product();
  const x = tf.tensor3d([
    [[3], [5]],
    [[-1], [4]],
  ]);
  const before = tf.memory().numTensors;
  const [gradient, occluded] = [gradientTimesInput(model, x), occlusion(model, x)];
  expect(gradient.shape).toEqual([2, 2, 1]);
  expect(occluded.shape).toEqual([2, 2]);
  const expected = [
    [30, 30],
    [-8, -8],
  ];
  expect(await rowsOf(gradient)).toEqual(expected);
  expect(await rowsOf(occluded)).toEqual(expected);
  tf.dispose([gradient, occluded]);
  expect(tf.memory().numTensors).toBe(before);
  x.dispose();
  model.dispose();
});
