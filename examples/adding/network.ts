import * as tfl from '@tensorflow/tfjs-layers';

/** An untrained LSTM that reads two channels and answers one number; the seed fixes its weights. */
export function network(units: number, seed: number): tfl.LayersModel {
  const initializer = (offset: number) => tfl.initializers.glorotNormal({ seed: seed + offset });
  return tfl.sequential({
    name: 'adding',
    layers: [
      tfl.layers.lstm({
        name: 'memory',
        inputShape: [null, 2],
        units,
        recurrentActivation: 'sigmoid',
        kernelInitializer: initializer(0),
        recurrentInitializer: initializer(1),
      }),
      // Without a bias all of the answer has to come from the memory.
      tfl.layers.dense({ name: 'sum', units: 1, useBias: false, kernelInitializer: initializer(2) }),
    ],
  });
}
