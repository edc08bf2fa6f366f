import type { LayersModel } from '@tensorflow/tfjs-layers';
import { mobileNetV1 } from './mobilenet-v1.js';
import { mobileNetV2 } from './mobilenet-v2.js';
import { resNet50 } from './resnet50.js';
import { vgg16 } from './vgg16.js';

/** Builds a network; all channel counts but the last are multiplied by `width`. Weights are not set yet. */
export type Network = (width: number) => LayersModel;

/** The networks by the names they have in the table. */
export const networks: Readonly<Record<string, Network>> = {
  VGG16: vgg16,
  ResNet50: resNet50,
  MobileNetV1: mobileNetV1,
  MobileNetV2: mobileNetV2,
};
