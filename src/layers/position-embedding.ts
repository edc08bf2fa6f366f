import { positionStep } from '../steps/position.js';
import type { LayerAdapter } from './adapter.js';
import { cannotLower } from './config.js';

/** PositionEmbedding: rows that depend on the position alone. What they earn is no input's, and booked as bias. */
export const positionEmbeddingAdapter: LayerAdapter = (call, to) => {
  const { startIndex } = call.callArgs;
  if (startIndex !== undefined && startIndex !== 0) {
    throw cannotLower(
      call,
      `it is called with startIndex ${String(startIndex)}, which tfjs leaves out when a model runs.`,
    );
  }
  to.output(to.add(positionStep(call.weight('embeddings')), to.inputs));
};
