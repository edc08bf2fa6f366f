import type * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import type { PlannedGraph } from '../plan/plan-graph.js';
import type { EdgeId } from '../steps/graph.js';
import type { TensorPool } from '../tensors/pool.js';
import { backward, type Relevances, releaseCapture, type Wanted } from './backward.js';
import type { Capture } from './forward.js';
import type { Book } from './ledger-book.js';
import type { Pause } from './pause.js';
import { SharedSums } from './shared-sums.js';

/** The relevance of one target on its way. */
export interface Stream {
  readonly seeds: ReadonlyMap<EdgeId, tf.Tensor>;
  /** Holds what belongs to this target alone. */
  readonly pool: TensorPool;
  readonly book: Book | null;
}

/**
 * Goes backward for several targets, step by step for all of them: what is captured, and what relevance is divided by,
 * is there once and goes when the last target has passed. A single target runs as it is.
 *
 * @param pool Holds the captured tensors.
 */
export function* backwardEach(
  plan: PlannedGraph,
  capture: Capture,
  streams: readonly Stream[],
  lean: boolean,
  wanted: Wanted,
  pool: TensorPool,
): Generator<Pause, Relevances[]> {
  const [only] = streams;
  if (only && streams.length === 1) {
    return [yield* backward(plan, capture, only.seeds, lean, wanted, only.pool, only.book)];
  }
  const shared = new SharedSums();
  const runs = streams.map((stream) => {
    for (const tensor of tensorsOf(capture)) stream.pool.borrow(tensor);
    return backward(plan, capture, stream.seeds, lean, wanted, stream.pool, stream.book, shared);
  });
  try {
    for (const { node } of [...plan.nodes].reverse()) {
      for (const run of runs) yield* untilFinished(run);
      shared.dispose();
      releaseCapture(capture, node.id, pool);
      yield { node, finished: true };
    }
    return runs.map(resultOf);
  } finally {
    for (const run of runs) run.return({ edges: new Map(), nodes: new Map() });
    shared.dispose();
  }
}

function tensorsOf({ xs, y }: Capture): tf.Tensor[] {
  return [...[...xs.values()].flat(), ...y.values()];
}

/** One step of one target; a scan pauses on the way. */
function* untilFinished(run: Generator<Pause, Relevances>): Generator<Pause, void> {
  for (let next = run.next(); ; next = run.next()) {
    if (next.done) throw new InternalError('a target ended before its steps');
    if (next.value.finished) return;
    yield next.value;
  }
}

function resultOf(run: Generator<Pause, Relevances>): Relevances {
  const last = run.next();
  if (!last.done) throw new InternalError('a target has more steps than its plan');
  return last.value;
}
