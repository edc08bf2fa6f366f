// Two networks for the same task: one of dilated convolutions, one that reads step by step.
import * as tfl from '@tensorflow/tfjs-layers';
import type { PresetName } from '../../src/index.js';
import { channels, labels, times } from './generate.js';

/** Names of the networks, which are those of the folders they are saved in. */
export const networkNames = ['convolution', 'lstm'] as const;

/** The rules that explain each network, the recommended ones first. */
export const rules: Readonly<Record<(typeof networkNames)[number], readonly [PresetName, ...PresetName[]]>> = {
  convolution: ['epsilon-plus', 'epsilon-gamma', 'epsilon'],
  lstm: ['recurrent', 'epsilon'],
};

/** An untrained network; the seed fixes its initial weights. */
export const networks: Readonly<Record<(typeof networkNames)[number], (seed: number) => tfl.LayersModel>> = {
  convolution: (seed) =>
    tfl.sequential({
      name: 'series_convolution',
      layers: [
        tfl.layers.inputLayer({ inputShape: [times, channels], name: 'series' }),
        ...[1, 2, 4].map((dilationRate, index) =>
          tfl.layers.conv1d({
            name: `conv_${dilationRate}`,
            filters: 12,
            kernelSize: 3,
            padding: 'same',
            dilationRate,
            activation: 'relu',
            kernelInitializer: tfl.initializers.heNormal({ seed: seed + index }),
          }),
        ),
        tfl.layers.globalMaxPooling1d({ name: 'strongest' }),
        classes(seed + 3),
      ],
    }),
  lstm: (seed) =>
    tfl.sequential({
      name: 'series_lstm',
      layers: [
        tfl.layers.lstm({
          name: 'memory',
          inputShape: [times, channels],
          units: 12,
          recurrentActivation: 'sigmoid',
          returnSequences: true,
          kernelInitializer: tfl.initializers.glorotNormal({ seed }),
          recurrentInitializer: tfl.initializers.glorotNormal({ seed: seed + 1 }),
        }),
        tfl.layers.globalMaxPooling1d({ name: 'strongest' }),
        classes(seed + 2),
      ],
    }),
};

function classes(seed: number): tfl.layers.Layer {
  const kernelInitializer = tfl.initializers.glorotNormal({ seed });
  return tfl.layers.dense({ name: 'class', units: labels.length, activation: 'softmax', kernelInitializer });
}
