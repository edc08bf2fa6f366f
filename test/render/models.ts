// Tiny models with weights that follow from a formula: the same on every backend and in every run.
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, layers, sequential } from '@tensorflow/tfjs-layers';

/** Numbers between -1 and 1 that look random. */
export function noise(count: number, seed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, index) => {
    const wave = Math.sin((index + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    return 2 * (wave - Math.floor(wave)) - 1;
  });
}

/** Gives every weight of a model numbers from {@link noise}. */
export function fillWeights(model: LayersModel): LayersModel {
  const weights = model.getWeights();
  const filled = weights.map((weight, index) => {
    const fan = Math.max(1, weight.size / (weight.shape.at(-1) ?? 1));
    return tf.tensor(
      noise(weight.size, index).map((value) => value / Math.sqrt(fan)),
      weight.shape,
    );
  });
  model.setWeights(filled);
  for (const tensor of filled) tensor.dispose();
  return model;
}

/** Sorts colour pictures of 12 × 12 into three classes. */
export function pictureModel(): LayersModel {
  return fillWeights(
    sequential({
      name: 'pictures',
      layers: [
        layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu', inputShape: [12, 12, 3], name: 'conv_1' }),
        layers.maxPooling2d({ poolSize: 2, name: 'pool' }),
        layers.conv2d({ filters: 6, kernelSize: 3, activation: 'relu', name: 'conv_2' }),
        layers.flatten({ name: 'flatten' }),
        layers.dense({ units: 3, activation: 'softmax', name: 'scores' }),
      ],
    }),
  );
}

/** Sorts lists of four features into two classes. */
export function tableModel(): LayersModel {
  return fillWeights(
    sequential({
      name: 'table',
      layers: [
        layers.dense({ units: 5, activation: 'relu', inputShape: [4], name: 'hidden' }),
        layers.dense({ units: 1, activation: 'sigmoid', name: 'score' }),
      ],
    }),
  );
}

/** Sorts series of 8 steps and two channels. */
export function seriesModel(): LayersModel {
  return fillWeights(
    sequential({
      name: 'series',
      layers: [
        layers.conv1d({ filters: 3, kernelSize: 3, activation: 'relu', inputShape: [8, 2], name: 'conv' }),
        layers.globalMaxPooling1d({ name: 'most' }),
        layers.dense({ units: 2, name: 'scores' }),
      ],
    }),
  );
}

/** Sorts texts of five tokens. */
export function textModel(): LayersModel {
  return fillWeights(
    sequential({
      name: 'words',
      layers: [
        layers.embedding({ inputDim: 12, outputDim: 3, inputLength: 5, name: 'embedding' }),
        layers.globalAveragePooling1d({ name: 'mean' }),
        layers.dense({ units: 2, name: 'scores' }),
      ],
    }),
  );
}
