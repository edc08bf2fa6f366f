import * as tfl from '@tensorflow/tfjs-layers';
import { channels } from './channels.js';
import { apply, convolve, type Node } from './layers.js';

/** Filters of the two inner convolutions, number of blocks, stride of the first block. */
const STAGES = [
  [64, 3, 1],
  [128, 4, 2],
  [256, 6, 2],
  [512, 3, 2],
] as const;

/** He et al. 2016: bottlenecks around sums, batch normalization after every convolution. */
export function resNet50(width: number): tfl.LayersModel {
  const input = tfl.input({ shape: [224, 224, 3] });
  const padded = apply(tfl.layers.zeroPadding2d({ padding: 3 }), input);
  const stem = relu(normalized(padded, channels(64, width), 7, 2, 'valid'));
  const framed = apply(tfl.layers.zeroPadding2d({ padding: 1 }), stem);
  let x = apply(tfl.layers.maxPooling2d({ poolSize: 3, strides: 2 }), framed);
  for (const [filters, blocks, stride] of STAGES) {
    for (let block = 0; block < blocks; block++) {
      x = bottleneck(x, filters, width, block === 0 ? stride : 1, block === 0);
    }
  }
  const pooled = apply(tfl.layers.globalAveragePooling2d({}), x);
  const dense = tfl.layers.dense({ units: 1000, activation: 'softmax', kernelInitializer: 'zeros' });
  return tfl.model({ inputs: input, outputs: apply(dense, pooled), name: 'resnet50' });
}

function bottleneck(x: Node, filters: number, width: number, stride: number, project: boolean): Node {
  const [inner, outer] = [channels(filters, width), channels(4 * filters, width)];
  const shortcut = project ? normalized(x, outer, 1, stride) : x;
  const reduced = relu(normalized(x, inner, 1, stride));
  const expanded = normalized(relu(normalized(reduced, inner, 3)), outer, 1);
  return relu(apply(tfl.layers.add(), [shortcut, expanded]));
}

function normalized(x: Node, filters: number, size: number, stride = 1, padding: 'same' | 'valid' = 'same'): Node {
  return apply(tfl.layers.batchNormalization({}), convolve(x, { filters, size, stride, padding, useBias: true }));
}

function relu(x: Node): Node {
  return apply(tfl.layers.activation({ activation: 'relu' }), x);
}
