import * as tfl from '@tensorflow/tfjs-layers';

/** Dense layers of 64 units with ReLU, one after the other. */
export function denseChain(depth: number): tfl.LayersModel {
  const layers = Array.from({ length: depth }, (_, index) =>
    tfl.layers.dense({
      units: 64,
      activation: 'relu',
      kernelInitializer: 'zeros',
      ...(index === 0 ? { inputShape: [64] } : {}),
    }),
  );
  return tfl.sequential({ layers, name: 'dense_chain' });
}
