import * as tfl from '@tensorflow/tfjs-layers';
import { network as shapesNetwork } from '../shapes/network.js';

/** The untrained network of the shapes example with another end: every class is there or not, whatever the others are. */
export function network(side: number, classes: number, seed: number): tfl.LayersModel {
  const base = shapesNetwork(side, classes, seed);
  const present = tfl.layers.dense({
    name: 'present',
    units: classes,
    activation: 'sigmoid',
    kernelInitializer: tfl.initializers.glorotNormal({ seed }),
  });
  const hidden = base.getLayer('hidden').output;
  // The layer has one output, called once.
  const outputs = present.apply(hidden) as tfl.SymbolicTensor;
  return tfl.model({ inputs: base.inputs, outputs, name: 'two_shapes' });
}
