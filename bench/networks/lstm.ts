import * as tfl from '@tensorflow/tfjs-layers';
import { channels } from './channels.js';

/** Channels of the sequence. */
const FEATURES = 32;

/** One LSTM of 64 units over 1000 time steps, and a dense layer of 4 classes. */
export function lstm(width: number): tfl.LayersModel {
  return lstmOver(1000, channels(64, width));
}

/** The same over any number of time steps. */
export function lstmOver(times: number, units = 64): tfl.LayersModel {
  // Orthogonal matrices, the default, take long to make, and random weights replace them.
  const layer = tfl.layers.lstm({ units, recurrentInitializer: 'glorotNormal', inputShape: [times, FEATURES] });
  return tfl.sequential({ layers: [layer, tfl.layers.dense({ units: 4 })], name: 'lstm' });
}
