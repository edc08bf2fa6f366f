// The layers that tfjs-layers has but does not export, and how to make models of them.
//
// The imports reach into the package: bundlers resolve them beside its own entry, and so does the test runner. The files
// write `tensor.add(other)`, which somebody has to register: `@tensorflow/tfjs` does, or the second import.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
// For its gradients, which the files below do without. In Node this is another copy of the classes than theirs, and the copy
// that is loaded last owns the names: theirs has to be, or one of them is handed initializers of the other.
import '@tensorflow/tfjs-layers';
import { input, model } from '@tensorflow/tfjs-layers/dist/exports';
import * as layers from '@tensorflow/tfjs-layers/dist/exports_layers';
import { EinsumDense } from '@tensorflow/tfjs-layers/dist/layers/nlp/einsum_dense';
import { CachedMultiHeadAttention } from '@tensorflow/tfjs-layers/dist/layers/nlp/modeling/cached_multihead_attention';
import { PositionEmbedding } from '@tensorflow/tfjs-layers/dist/layers/nlp/modeling/position_embedding';
import { TransformerDecoder } from '@tensorflow/tfjs-layers/dist/layers/nlp/modeling/transformer_decoder';
import { GPT2Backbone } from '@tensorflow/tfjs-layers/dist/layers/nlp/models/gpt2/gpt2_backbone';
import { MultiHeadAttention } from '@tensorflow/tfjs-layers/dist/layers/nlp/multihead_attention';
import { randomTensor } from '../explanation/tools.js';
import { onCpu, partsOf } from '../on-cpu.js';

export {
  CachedMultiHeadAttention,
  EinsumDense,
  GPT2Backbone,
  input,
  layers,
  MultiHeadAttention,
  model,
  PositionEmbedding,
  TransformerDecoder,
};

/** Random weights for the layers inside, which `layer.weights` does not list. */
export function randomizeParts(layer: object, seed = 3, scale = 0.7): void {
  tf.tidy(() => {
    for (const [index, part] of partsOf(layer).entries()) {
      const values = part.weights.map((weight, own) =>
        randomTensor(weight.shape.map(Number), seed * 100 + index * 10 + own, scale),
      );
      part.setWeights(values);
    }
  });
}

/** Calls a layer once on zeros, after which it has weights, and gives it random ones. */
export async function awaken(
  layer: { call(x: tf.Tensor, args: never): unknown },
  shape: readonly number[],
  args: Record<string, unknown> = {},
  seed = 3,
): Promise<void> {
  // The arguments are those of the layer, whichever it is.
  const answer = await onCpu(
    () => layer.call(tf.zeros([...shape]), args as never),
    ...Object.values(args).filter((value) => value instanceof tf.Tensor),
  );
  tf.dispose(answer as tf.Tensor);
  randomizeParts(layer, seed);
}
