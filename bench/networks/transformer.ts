import * as tfl from '@tensorflow/tfjs-layers';
import { channels } from './channels.js';
import { apply, type Node } from './layers.js';

const TOKENS = 128;

/**
 * Vaswani et al. 2017: one encoder block on 128 tokens of 64 features, attention with one head assembled from layers that
 * every backend has, then the mean over tokens and a dense layer of 10 classes.
 */
export function transformer(width: number): tfl.LayersModel {
  const features = channels(64, width);
  const input = tfl.input({ shape: [TOKENS, features] });
  const attended = normalizedSum(input, dense(attention(input, features), features));
  const hidden = dense(attended, 4 * features, 'relu');
  const block = normalizedSum(attended, dense(hidden, features));
  const outputs = dense(apply(tfl.layers.globalAveragePooling1d({}), block), 10, 'softmax');
  return tfl.model({ inputs: input, outputs, name: 'transformer' });
}

function attention(x: Node, features: number): Node {
  const keys = apply(tfl.layers.permute({ dims: [2, 1] }), dense(x, features));
  // The factor of the scores, on the smaller tensor.
  const queries = apply(tfl.layers.rescaling({ scale: 1 / Math.sqrt(features) }), dense(x, features));
  const scores = apply(tfl.layers.dot({ axes: [2, 1] }), [queries, keys]);
  const weights = apply(tfl.layers.softmax({ axis: -1 }), scores);
  return apply(tfl.layers.dot({ axes: [2, 1] }), [weights, dense(x, features)]);
}

function normalizedSum(x: Node, change: Node): Node {
  return apply(tfl.layers.layerNormalization(), apply(tfl.layers.add(), [x, change]));
}

function dense(x: Node, units: number, activation: 'linear' | 'relu' | 'softmax' = 'linear'): Node {
  return apply(tfl.layers.dense({ units, activation, kernelInitializer: 'zeros' }), x);
}
