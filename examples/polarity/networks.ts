// Two networks for the same task: one reads word by word, the other attends to all words at once.
import * as tfl from '@tensorflow/tfjs-layers';
import type { PresetName } from '../../src/index.js';
import { length, words } from './generate.js';

/** Names of the networks, which are those of the folders they are saved in. */
export const networkNames = ['gru', 'attention'] as const;

/** The rules that explain each network. */
export const rules: Readonly<Record<(typeof networkNames)[number], PresetName>> = {
  gru: 'recurrent',
  attention: 'attn-lrp',
};

/** An untrained network; the seed fixes its initial weights. */
export const networks: Readonly<Record<(typeof networkNames)[number], (seed: number) => tfl.LayersModel>> = {
  gru: (seed) => {
    const [tokens, vectors] = wordVectors(seed);
    const memory = tfl.layers.gru({
      name: 'memory',
      units: 16,
      recurrentActivation: 'sigmoid',
      kernelInitializer: tfl.initializers.glorotNormal({ seed: seed + 1 }),
      recurrentInitializer: tfl.initializers.glorotNormal({ seed: seed + 2 }),
    });
    return tfl.model({ name: 'polarity_gru', inputs: tokens, outputs: positive(apply(memory, vectors), seed) });
  },
  attention: (seed) => {
    const [tokens, vectors] = wordVectors(seed);
    // Pairs of neighbours: attention alone does not know which word a negator stands before.
    const convolution = tfl.layers.conv1d({
      name: 'pairs',
      filters: 16,
      kernelSize: 2,
      padding: 'same',
      activation: 'relu',
      kernelInitializer: tfl.initializers.heNormal({ seed: seed + 1 }),
    });
    const pairs = apply(convolution, vectors);
    const [query, key, value] = ['query', 'key', 'value'].map((name, index) =>
      apply(dense(name, 16, seed + 2 + index), pairs),
    ) as [tfl.SymbolicTensor, tfl.SymbolicTensor, tfl.SymbolicTensor];
    const scores = apply(tfl.layers.dot({ name: 'scores', axes: [2, 2] }), [query, key]);
    const weights = apply(tfl.layers.activation({ name: 'weights', activation: 'softmax' }), scores);
    const context = apply(tfl.layers.dot({ name: 'context', axes: [2, 1] }), [weights, value]);
    const both = apply(tfl.layers.add({ name: 'residual' }), [pairs, context]);
    const mean = apply(tfl.layers.globalAveragePooling1d({ name: 'mean' }), both);
    return tfl.model({ name: 'polarity_attention', inputs: tokens, outputs: positive(mean, seed) });
  },
};

function wordVectors(seed: number): [tokens: tfl.SymbolicTensor, vectors: tfl.SymbolicTensor] {
  const tokens = tfl.input({ shape: [length], name: 'tokens' });
  const embedding = tfl.layers.embedding({
    name: 'words',
    inputDim: words.length,
    outputDim: 8,
    embeddingsInitializer: tfl.initializers.randomNormal({ stddev: 0.7, seed }),
  });
  return [tokens, apply(embedding, tokens)];
}

function positive(signal: tfl.SymbolicTensor, seed: number): tfl.SymbolicTensor {
  return apply(dense('positive', 1, seed + 5, 'sigmoid'), signal);
}

function dense(name: string, units: number, seed: number, activation: 'linear' | 'sigmoid' = 'linear') {
  return tfl.layers.dense({ name, units, activation, kernelInitializer: tfl.initializers.glorotNormal({ seed }) });
}

/** Layers answer symbolic tensors with a symbolic tensor; their declared type also covers tensors and lists. */
function apply(layer: tfl.layers.Layer, signal: tfl.SymbolicTensor | tfl.SymbolicTensor[]): tfl.SymbolicTensor {
  return layer.apply(signal) as tfl.SymbolicTensor;
}
