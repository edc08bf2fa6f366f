import type { StepGraph } from '../steps/graph.js';
import { type FoldMode, foldBatchNorm } from './fold-batch-norm.js';
import { type Rewritten, untouched } from './rewrite.js';
import { stripLinks } from './strip-link.js';

/** How our graph of the model is rewritten before rules are assigned; the model itself never is. */
export interface CanonizeOptions {
  /** Batch normalizations to fold: `both` (default) into the layer before or else after, `after` a layer only, `none`. */
  readonly batchNorm?: FoldMode;
  /** Whether the final softmax, log-softmax or sigmoid is set aside. Default true. */
  readonly links?: boolean;
}

/** Rewrites a step graph into one that computes the same scores and is easier to explain. */
export function canonize(graph: StepGraph, options: CanonizeOptions = {}): Rewritten {
  const scores = options.links === false ? untouched(graph) : stripLinks(untouched(graph));
  return foldBatchNorm(scores, options.batchNorm ?? 'both');
}
