import { embeddingStep } from '../steps/select.js';
import type { LayerAdapter } from './adapter.js';

/** Embedding, for tokens as integers or as floats. */
export const embeddingAdapter: LayerAdapter = (call, to) => {
  to.output(to.add(embeddingStep(call.weight('embeddings')), to.inputs));
};
