import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { expect, test } from 'vitest';
import { defaultRegistry } from '../../src/layers/default-registry.js';

/** Layers that compute nothing to explain, or nothing but text. */
const NOT_EXPLAINED = [
  'BytePairTokenizer',
  'CategoryEncoding',
  'RandomHeight',
  'RandomWidth',
  // Parts of layers, never layers of a model.
  'ConvLSTM2DCell',
  'GRUCell',
  'LSTMCell',
  'SimpleRNNCell',
  'StackedRNNCells',
];

/** Recurrent layers, attention and wrappers, which have files of their own. */
const ELSEWHERE = [
  'Bidirectional',
  'ConvLSTM2D',
  'EinsumDense',
  'GRU',
  'LSTM',
  'MultiHeadAttention',
  'RNN',
  'SimpleRNN',
  'TimeDistributed',
];

test('knows every layer class of tfjs-layers but for a few', () => {
  const classes = Object.entries(tf.serialization.SerializationMap.getMap().classNameMap)
    .filter(([, [make]]) => make.prototype instanceof tfl.layers.Layer)
    .map(([name]) => name)
    .filter((name) => !['Functional', 'Model', 'Sequential'].includes(name));
  const unknown = classes.filter((name) => !defaultRegistry.classNames.includes(name));
  expect(classes.length).toBeGreaterThan(50);
  expect([...NOT_EXPLAINED, ...ELSEWHERE]).toEqual(expect.arrayContaining(unknown));
});
