// Small networks of the usual shapes, with random weights.
import * as tfl from '@tensorflow/tfjs-layers';
import { apply, randomizeWeights } from './tools.js';

const conv = (x: tfl.SymbolicTensor, filters: number, kernelSize: number, name: string, strides = 1) =>
  apply(tfl.layers.conv2d({ filters, kernelSize, strides, padding: 'same', name }), x);
const relu = (x: tfl.SymbolicTensor) => apply(tfl.layers.reLU(), x);
const norm = (x: tfl.SymbolicTensor, name: string) => apply(tfl.layers.batchNormalization({ name }), x);

/** Convolutions with fused ReLUs, max pooling, dense layers, softmax. One layer is large enough for the long way. */
export function cnn(): tfl.Sequential {
  const model = tfl.sequential({
    name: 'cnn',
    layers: [
      tfl.layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu', inputShape: [28, 28, 3], name: 'conv_1' }),
      tfl.layers.conv2d({ filters: 48, kernelSize: 3, activation: 'relu', padding: 'same', name: 'conv_2' }),
      tfl.layers.maxPooling2d({ poolSize: 2, name: 'pool' }),
      tfl.layers.conv2d({ filters: 6, kernelSize: 3, strides: 2, activation: 'relu', name: 'conv_3' }),
      tfl.layers.flatten({ name: 'flat' }),
      tfl.layers.dense({ units: 16, activation: 'relu', name: 'dense_1' }),
      tfl.layers.dropout({ rate: 0.5, name: 'drop' }),
      tfl.layers.dense({ units: 5, activation: 'softmax', name: 'dense_2' }),
    ],
  });
  randomizeWeights(model, 11);
  return model;
}

/** Residual blocks with batch normalization, one of them with a projection. */
export function residualNet(): tfl.LayersModel {
  const input = tfl.input({ shape: [12, 12, 3], name: 'image' });
  const stem = relu(norm(conv(input, 6, 3, 'stem'), 'stem_norm'));
  const inner = conv(relu(norm(conv(stem, 6, 3, 'a_1'), 'a_norm_1')), 6, 3, 'a_2');
  const first = relu(apply(tfl.layers.add({ name: 'a_add' }), [norm(inner, 'a_norm_2'), stem]));
  const down = conv(relu(norm(conv(first, 8, 3, 'b_1', 2), 'b_norm_1')), 8, 3, 'b_2');
  const projected = norm(conv(first, 8, 1, 'b_project', 2), 'b_norm_3');
  const second = relu(apply(tfl.layers.add({ name: 'b_add' }), [norm(down, 'b_norm_2'), projected]));
  const pooled = apply(tfl.layers.globalAveragePooling2d({ name: 'pool' }), second);
  const outputs = apply(tfl.layers.dense({ units: 4, activation: 'softmax', name: 'head' }), pooled);
  const model = tfl.model({ inputs: input, outputs, name: 'residual' });
  randomizeWeights(model, 12);
  return model;
}

/** Parallel branches of different reach, joined by concatenation. */
export function inceptionNet(): tfl.LayersModel {
  const input = tfl.input({ shape: [10, 10, 2], name: 'image' });
  let x = relu(conv(input, 5, 3, 'stem'));
  for (const block of ['a', 'b']) {
    const branches = [
      relu(conv(x, 3, 1, `${block}_1x1`)),
      relu(conv(relu(conv(x, 2, 1, `${block}_3x3_reduce`)), 4, 3, `${block}_3x3`)),
      relu(conv(relu(conv(x, 2, 1, `${block}_5x5_reduce`)), 2, 5, `${block}_5x5`)),
      relu(
        conv(apply(tfl.layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same' }), x), 2, 1, `${block}_project`),
      ),
    ];
    x = apply(tfl.layers.concatenate({ name: `${block}_join` }), branches);
    x = apply(tfl.layers.averagePooling2d({ poolSize: 2, name: `${block}_pool` }), x);
  }
  const outputs = apply(tfl.layers.dense({ units: 4, name: 'head' }), apply(tfl.layers.flatten(), x));
  const model = tfl.model({ inputs: input, outputs, name: 'inception' });
  randomizeWeights(model, 13);
  return model;
}
