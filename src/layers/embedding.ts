import { nonzeroMaskStep } from '../steps/mask.js';
import { embeddingStep } from '../steps/select.js';
import type { LayerAdapter } from './adapter.js';
import { booleanOf } from './config.js';

/** Embedding, for tokens as integers or as floats; with `maskZero` token 0 is masked in the layers after it. */
export const embeddingAdapter: LayerAdapter = (call, to) => {
  to.mask(booleanOf(call, 'maskZero', false) ? to.add(nonzeroMaskStep(), to.inputs, 'mask') : null);
  to.output(to.add(embeddingStep(call.weight('embeddings')), to.inputs));
};
