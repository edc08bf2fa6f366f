import * as tfl from '@tensorflow/tfjs-layers';
import { channels } from './channels.js';
import { apply, type Node } from './layers.js';

/** Of the two convolutions of each block; the last of them sees 505 time steps. */
const DILATIONS = [1, 2, 4, 8, 16, 32, 64] as const;

/**
 * Bai et al. 2018: residual blocks of dilated 1D convolutions, here over 1024 time steps of 16 channels. Padded on both
 * sides, for series that are complete.
 */
export function tcn(width: number): tfl.LayersModel {
  const input = tfl.input({ shape: [1024, 16] });
  const filters = channels(64, width);
  let x = apply(tfl.layers.conv1d({ filters, kernelSize: 1, kernelInitializer: 'zeros' }), input);
  for (const dilation of DILATIONS) {
    const inner = dilated(dilated(x, filters, dilation), filters, dilation);
    x = apply(tfl.layers.activation({ activation: 'relu' }), apply(tfl.layers.add(), [x, inner]));
  }
  const pooled = apply(tfl.layers.globalAveragePooling1d({}), x);
  const dense = tfl.layers.dense({ units: 10, activation: 'softmax', kernelInitializer: 'zeros' });
  return tfl.model({ inputs: input, outputs: apply(dense, pooled), name: 'tcn' });
}

function dilated(x: Node, filters: number, dilationRate: number): Node {
  const layer = tfl.layers.conv1d({
    filters,
    kernelSize: 3,
    dilationRate,
    padding: 'same',
    activation: 'relu',
    kernelInitializer: 'zeros',
  });
  return apply(layer, x);
}
