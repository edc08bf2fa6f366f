import * as tfl from '@tensorflow/tfjs-layers';
import { channels } from './channels.js';
import { apply, convolve, depthwise, normalizeAndCap, padEnd } from './layers.js';

/** Filters of the pointwise convolution, stride of the depthwise one. */
const BLOCKS = [
  [64, 1],
  [128, 2],
  [128, 1],
  [256, 2],
  [256, 1],
  [512, 2],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [512, 1],
  [1024, 2],
  [1024, 1],
] as const;

/** Howard et al. 2017: depthwise separable convolutions; the classifier is a convolution, as in Keras. */
export function mobileNetV1(width: number): tfl.LayersModel {
  const input = tfl.input({ shape: [224, 224, 3] });
  const stem = { filters: channels(32, width), size: 3, stride: 2, padding: 'valid', useBias: false } as const;
  let x = normalizeAndCap(convolve(padEnd(input), stem));
  for (const [filters, stride] of BLOCKS) {
    const pointwise = {
      filters: channels(filters, width),
      size: 1,
      stride: 1,
      padding: 'same',
      useBias: false,
    } as const;
    x = normalizeAndCap(convolve(normalizeAndCap(depthwise(x, stride)), pointwise));
  }
  const pooled = apply(tfl.layers.globalAveragePooling2d({}), x);
  const vector = apply(tfl.layers.reshape({ targetShape: [1, 1, channels(1024, width)] }), pooled);
  const scores = convolve(vector, { filters: 1000, size: 1, stride: 1, padding: 'same', useBias: true });
  const flat = apply(tfl.layers.reshape({ targetShape: [1000] }), scores);
  const outputs = apply(tfl.layers.activation({ activation: 'softmax' }), flat);
  return tfl.model({ inputs: input, outputs, name: 'mobilenet_v1' });
}
