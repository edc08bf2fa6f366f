import {
  activationAdapter,
  eluAdapter,
  leakyReluAdapter,
  preluAdapter,
  reluAdapter,
  softmaxAdapter,
  thresholdedReluAdapter,
} from './activation.js';
import type { LayerAdapter } from './adapter.js';
import { batchNormAdapter } from './batch-norm.js';
import { gruCellAdapter, lstmCellAdapter, simpleRnnCellAdapter, stackedCellsAdapter } from './cells.js';
import { conv1dAdapter, convAdapter } from './conv.js';
import { convLstmAdapter, convLstmCellAdapter } from './conv-recurrent.js';
import { denseAdapter } from './dense.js';
import { depthwiseAdapter, separableAdapter } from './depthwise.js';
import { dotAdapter } from './dot.js';
import { einsumDenseAdapter } from './einsum-dense.js';
import { embeddingAdapter } from './embedding.js';
import { inferenceAdapter } from './inference.js';
import { inputAdapter } from './input.js';
import { layerNormAdapter } from './layer-norm.js';
import { maskingAdapter } from './masking.js';
import {
  addAdapter,
  averageAdapter,
  concatenateAdapter,
  maximumAdapter,
  minimumAdapter,
  multiplyAdapter,
} from './merge.js';
import { multiHeadAttentionAdapter } from './multi-head-attention.js';
import { averagePoolAdapter, globalAveragePoolAdapter, globalMaxPoolAdapter, maxPoolAdapter } from './pooling.js';
import { positionEmbeddingAdapter } from './position-embedding.js';
import { categoryEncodingAdapter, randomSizeAdapter, textAdapter } from './preprocessing.js';
import { recurrentAdapter } from './recurrent.js';
import { type Registry, registryOf } from './registry.js';
import {
  croppingAdapter,
  flattenAdapter,
  permuteAdapter,
  repeatVectorAdapter,
  reshapeAdapter,
  zeroPaddingAdapter,
} from './reshape.js';
import { centerCropAdapter, rescalingAdapter, resizingAdapter, upSamplingAdapter } from './resize.js';
import { transformerDecoderAdapter } from './transformer.js';
import { transposedAdapter } from './transposed.js';
import { bidirectionalAdapter, timeDistributedAdapter } from './wrapper.js';

/** Adapters by class name. */
const ADAPTERS: Readonly<Record<string, LayerAdapter>> = {
  Activation: activationAdapter,
  Add: addAdapter,
  AlphaDropout: inferenceAdapter,
  Average: averageAdapter,
  AveragePooling1D: averagePoolAdapter,
  AveragePooling2D: averagePoolAdapter,
  AveragePooling3D: averagePoolAdapter,
  BatchNormalization: batchNormAdapter,
  Bidirectional: bidirectionalAdapter,
  BytePairTokenizer: textAdapter,
  CategoryEncoding: categoryEncodingAdapter,
  CenterCrop: centerCropAdapter,
  Concatenate: concatenateAdapter,
  Conv1D: conv1dAdapter,
  Conv2D: convAdapter,
  Conv2DTranspose: transposedAdapter,
  Conv3D: convAdapter,
  Conv3DTranspose: transposedAdapter,
  ConvLSTM2D: convLstmAdapter,
  ConvLSTM2DCell: convLstmCellAdapter,
  Cropping2D: croppingAdapter,
  Dense: denseAdapter,
  DepthwiseConv2D: depthwiseAdapter,
  Dot: dotAdapter,
  Dropout: inferenceAdapter,
  ELU: eluAdapter,
  EinsumDense: einsumDenseAdapter,
  Embedding: embeddingAdapter,
  Flatten: flattenAdapter,
  GRU: recurrentAdapter,
  GRUCell: gruCellAdapter,
  GPT2CausalLMPreprocessor: textAdapter,
  GPT2Preprocessor: textAdapter,
  GaussianDropout: inferenceAdapter,
  GaussianNoise: inferenceAdapter,
  GlobalAveragePooling1D: globalAveragePoolAdapter,
  GlobalAveragePooling2D: globalAveragePoolAdapter,
  GlobalMaxPooling1D: globalMaxPoolAdapter,
  GlobalMaxPooling2D: globalMaxPoolAdapter,
  InputLayer: inputAdapter,
  LSTM: recurrentAdapter,
  LSTMCell: lstmCellAdapter,
  LayerNormalization: layerNormAdapter,
  LeakyReLU: leakyReluAdapter,
  Masking: maskingAdapter,
  MaxPooling1D: maxPoolAdapter,
  MaxPooling2D: maxPoolAdapter,
  MaxPooling3D: maxPoolAdapter,
  Maximum: maximumAdapter,
  Minimum: minimumAdapter,
  MultiHeadAttention: multiHeadAttentionAdapter,
  Multiply: multiplyAdapter,
  PReLU: preluAdapter,
  Permute: permuteAdapter,
  PositionEmbedding: positionEmbeddingAdapter,
  Preprocessor: textAdapter,
  RNN: recurrentAdapter,
  RandomHeight: randomSizeAdapter,
  RandomWidth: randomSizeAdapter,
  ReLU: reluAdapter,
  RepeatVector: repeatVectorAdapter,
  Rescaling: rescalingAdapter,
  Reshape: reshapeAdapter,
  Resizing: resizingAdapter,
  SeparableConv2D: separableAdapter,
  SimpleRNN: recurrentAdapter,
  SimpleRNNCell: simpleRnnCellAdapter,
  Softmax: softmaxAdapter,
  SpatialDropout1D: inferenceAdapter,
  StartEndPacker: textAdapter,
  StackedRNNCells: stackedCellsAdapter,
  ThresholdedReLU: thresholdedReluAdapter,
  TimeDistributed: timeDistributedAdapter,
  TransformerDecoder: transformerDecoderAdapter,
  UpSampling2D: upSamplingAdapter,
  ZeroPadding2D: zeroPaddingAdapter,
};

/**
 * Adapters for every layer of TensorFlow.js that can be explained. Teach it your own with
 * `defaultRegistry.with(MyLayer, adapter)`, which answers a new registry.
 */
export const defaultRegistry: Registry = /* @__PURE__ */ makeDefaultRegistry();

function makeDefaultRegistry(): Registry {
  return registryOf(Object.entries(ADAPTERS).map(([match, adapter]) => ({ match, adapter, ofClass: true })));
}
