import * as tfl from '@tensorflow/tfjs-layers';
import { channels } from './channels.js';

const BLOCKS = [
  [64, 2],
  [128, 2],
  [256, 3],
  [512, 3],
  [512, 3],
] as const;

/** Simonyan and Zisserman 2015, configuration D: 13 convolutions and 3 dense layers, no batch normalization. */
export function vgg16(width: number): tfl.LayersModel {
  const model = tfl.sequential({ name: 'vgg16' });
  for (const [block, [filters, count]] of BLOCKS.entries()) {
    for (let index = 0; index < count; index++) {
      model.add(
        tfl.layers.conv2d({
          filters: channels(filters, width),
          kernelSize: 3,
          padding: 'same',
          activation: 'relu',
          kernelInitializer: 'zeros',
          ...(block + index === 0 ? { inputShape: [224, 224, 3] } : {}),
        }),
      );
    }
    model.add(tfl.layers.maxPooling2d({ poolSize: 2 }));
  }
  model.add(tfl.layers.flatten());
  for (let index = 0; index < 2; index++) {
    const units = channels(4096, width);
    model.add(tfl.layers.dense({ units, activation: 'relu', kernelInitializer: 'zeros' }));
  }
  model.add(tfl.layers.dense({ units: 1000, activation: 'softmax', kernelInitializer: 'zeros' }));
  return model;
}
