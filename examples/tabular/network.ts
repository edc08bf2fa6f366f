import * as tfl from '@tensorflow/tfjs-layers';
import { columns } from './generate.js';

/** An untrained network of two hidden layers; the seed fixes its initial weights. */
export function network(seed: number): tfl.LayersModel {
  const kernelInitializer = (offset: number) => tfl.initializers.heNormal({ seed: seed + offset });
  return tfl.sequential({
    name: 'tabular',
    layers: [
      tfl.layers.dense({
        name: 'hidden_1',
        inputShape: [columns.length],
        units: 16,
        activation: 'relu',
        kernelInitializer: kernelInitializer(0),
      }),
      tfl.layers.dense({ name: 'hidden_2', units: 16, activation: 'relu', kernelInitializer: kernelInitializer(1) }),
      tfl.layers.dense({ name: 'positive', units: 1, activation: 'sigmoid', kernelInitializer: kernelInitializer(2) }),
    ],
  });
}
