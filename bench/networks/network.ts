import type { LayersModel } from '@tensorflow/tfjs-layers';
import { lstm } from './lstm.js';
import { mobileNetV1 } from './mobilenet-v1.js';
import { mobileNetV2 } from './mobilenet-v2.js';
import { resNet50 } from './resnet50.js';
import { tcn } from './tcn.js';
import { transformer } from './transformer.js';
import { vgg16 } from './vgg16.js';

/** What a network is made of, which tells the rules that fit it. */
export type NetworkKind = 'convolutional' | 'recurrent' | 'attention';

/** A network of the table. */
export interface Network {
  /** What it is made of. */
  readonly kind: NetworkKind;
  /** Builds it; all channel counts but the last are multiplied by `width`. Weights are not set yet. */
  readonly build: (width: number) => LayersModel;
}

/** The networks by the names they have in the table. */
export const networks: Readonly<Record<string, Network>> = {
  VGG16: { kind: 'convolutional', build: vgg16 },
  ResNet50: { kind: 'convolutional', build: resNet50 },
  MobileNetV1: { kind: 'convolutional', build: mobileNetV1 },
  MobileNetV2: { kind: 'convolutional', build: mobileNetV2 },
  TCN: { kind: 'convolutional', build: tcn },
  LSTM: { kind: 'recurrent', build: lstm },
  Transformer: { kind: 'attention', build: transformer },
};
