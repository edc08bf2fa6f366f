// Small models with names, so that plans print the same every time.
import * as tfl from '@tensorflow/tfjs-layers';

type Symbolic = tfl.SymbolicTensor;

/** Given one symbolic tensor, or a list for a merge, a layer answers one. */
export const apply = (layer: tfl.layers.Layer, input: Symbolic | Symbolic[]) => layer.apply(input) as Symbolic;

/** Two convolutions, pooling, two dense layers; softmax at the end. */
export function smallCnn(): tfl.LayersModel {
  const activation = 'relu';
  const { conv2d, dense, flatten, maxPooling2d, averagePooling2d } = tfl.layers;
  return tfl.sequential({
    name: 'cnn',
    layers: [
      conv2d({ filters: 4, kernelSize: 3, activation, inputShape: [12, 12, 3], name: 'conv_1' }),
      maxPooling2d({ poolSize: 2, name: 'pool_1' }),
      conv2d({ filters: 4, kernelSize: 3, activation, name: 'conv_2' }),
      averagePooling2d({ poolSize: 3, name: 'pool_2' }),
      flatten({ name: 'flatten' }),
      dense({ units: 5, activation, name: 'dense_1' }),
      dense({ units: 3, activation: 'softmax', name: 'dense_2' }),
    ],
  });
}
