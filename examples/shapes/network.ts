// The network of the shapes example: four blocks of convolution, batch norm, relu and max pooling, then two dense layers.
import * as tfl from '@tensorflow/tfjs-layers';

/** An untrained network for square RGB pictures; the seed fixes its initial weights. */
export function network(side: number, classes: number, seed: number): tfl.LayersModel {
  const filters = [8, 16, 32, 48];
  const input = tfl.input({ shape: [side, side, 3], name: 'picture' });
  let signal = input;
  for (const [i, count] of filters.entries()) signal = block(signal, count, i + 1, seed + i);
  signal = apply(tfl.layers.flatten({ name: 'flatten' }), signal);
  signal = apply(dense('hidden', 24, 'relu', seed + filters.length), signal);
  signal = apply(dense('class', classes, 'softmax', seed + filters.length + 1), signal);
  return tfl.model({ inputs: input, outputs: signal, name: 'shapes' });
}

function block(signal: tfl.SymbolicTensor, filters: number, position: number, seed: number): tfl.SymbolicTensor {
  const kernelInitializer = tfl.initializers.heNormal({ seed });
  return [
    tfl.layers.conv2d({ name: `conv_${position}`, filters, kernelSize: 3, padding: 'same', kernelInitializer }),
    tfl.layers.batchNormalization({ name: `norm_${position}`, momentum: 0.95 }),
    tfl.layers.reLU({ name: `relu_${position}` }),
    tfl.layers.maxPooling2d({ name: `pool_${position}`, poolSize: 2 }),
  ].reduce((before, layer) => apply(layer, before), signal);
}

function dense(name: string, units: number, activation: 'relu' | 'softmax', seed: number): tfl.layers.Layer {
  return tfl.layers.dense({ name, units, activation, kernelInitializer: tfl.initializers.heNormal({ seed }) });
}

/** Layers answer a symbolic tensor with a symbolic tensor; their declared type also covers tensors and lists. */
function apply(layer: tfl.layers.Layer, signal: tfl.SymbolicTensor): tfl.SymbolicTensor {
  return layer.apply(signal) as tfl.SymbolicTensor;
}
