import * as tf from '@tensorflow/tfjs-core';
import { formatAddress } from '../address.js';
import type { Tap } from '../canonize/rewrite.js';
import { InternalError } from '../errors.js';
import type { PlannedModel } from '../plan/plan-model.js';
import type { CallTaps } from '../plan/taps.js';
import * as ops from '../tensors/ops.js';
import { TensorPool } from '../tensors/pool.js';
import type { Relevances } from './backward.js';
import { backwardEach, type Stream } from './backward-each.js';
import { type Capture, forward } from './forward.js';
import { type HeldSums, tensorsOfSums } from './held-sums.js';
import type { ReadyInput } from './inputs.js';
import { type Keep, type Kept, type KeptStep, wantedOf } from './keep.js';
import { LedgerBook } from './ledger-book.js';
import { OutputWatch, type WatchedOutputs } from './output-watch.js';
import type { Pause } from './pause.js';
import { type Seed, seedOf } from './seed.js';
import { type StartPlace, startPlace } from './start.js';
import type { StartValue, Target } from './target.js';

/** Options of one explanation. */
export interface PropagateOptions {
  /** What is explained; default: each sample's strongest unit of the only output. */
  readonly target?: Target;
  /** What the explained units start with; default their score. */
  readonly start?: StartValue;
  /** Which layers' relevance survives, and whether that of the steps inside them; default all layers, no steps. */
  readonly keep?: Keep;
  /** Whether relevance is accounted step by step for `conservation()`. Default true. */
  readonly ledger?: boolean;
  /**
   * Bytes that all tensors together may take: a batch that would need more is cut into parts, with the same results.
   * Default by backend: 3.4 GiB on wasm, whose heap ends at 4, 2 GiB on webgl and webgpu, none on cpu.
   */
  readonly memoryBudget?: number;
}

/** How far an explanation is. */
export interface Progress {
  /** First the values run forward, then relevance runs backward. */
  readonly phase: 'forward' | 'backward';
  /** Steps done, of `total` over both phases. */
  readonly done: number;
  /** Steps of both phases. */
  readonly total: number;
  /** The step just done. */
  readonly address: string;
}

/** The ledger's sums as they lie on the device. */
export interface RawLedger {
  readonly nodes: readonly number[];
  /** One per row and column. */
  readonly sums: HeldSums;
  /** Nodes whose output's sum was watched, in the order they ran. */
  readonly watched: readonly number[];
  /** One per watched node: finite only where every element is. */
  readonly outputs: HeldSums;
}

/** Relevance of a layer call. */
export interface CallRelevance {
  readonly taps: CallTaps;
  readonly inputs: readonly tf.Tensor[];
  readonly outputs: readonly tf.Tensor[];
}

/** Relevance of a step inside a layer. */
export interface StepRelevance {
  readonly step: KeptStep;
  readonly relevance: tf.Tensor;
}

/** What a run leaves; every tensor is the caller's. */
export interface Propagated {
  readonly inputs: readonly tf.Tensor[];
  readonly calls: readonly CallRelevance[];
  readonly steps: readonly StepRelevance[];
  readonly place: StartPlace;
  readonly seed: Seed;
  /** Values of the model's outputs. */
  readonly outputs: readonly tf.Tensor[];
  readonly ledger: RawLedger | null;
}

/**
 * Forward, seed, backward. A generator that pauses after each step, so that one piece of code serves the synchronous and
 * the asynchronous way. Several targets share the way forward, and on the way back all that does not depend on them.
 * Whatever happens, nothing but the results outlives it.
 *
 * @param ready The inputs; those that were made for it end with it.
 * @returns One result per target.
 */
export function* propagate(
  plan: PlannedModel,
  ready: readonly ReadyInput[],
  targets: readonly (Target | undefined)[],
  options: Omit<PropagateOptions, 'target'>,
): Generator<Progress, Propagated[]> {
  const pool = new TensorPool();
  for (const one of ready) if (one.made) pool.retain(one.tensor);
  const streams: OpenStream[] = [];
  try {
    const places = targets.map((target) => startPlace(plan, target));
    const kept = wantedOf(plan, options.keep ?? 'layers');
    const start = options.start ?? 'score';
    const lean = start === 'score' && places.every((place) => place.output !== null);
    const batch = ready[0]?.tensor.shape[0] ?? 1;
    const watch = options.ledger === false ? null : new OutputWatch(batch, pool);
    const total = 2 * plan.nodes.length;
    const edges = [...plan.outputs.map((output) => output.edge), ...places.map((place) => place.edge)];
    const tensors = ready.map((one) => one.tensor);
    const capture = yield* counted(forward(plan, tensors, edges, lean, pool, watch), 'forward', 0, total);
    for (const place of places) {
      // A single target needs no pool beside that of the capture, whose tensors go as it passes.
      const own = places.length === 1 ? pool : new TensorPool();
      const stream: OpenStream = { place, pool: own, book: watch && new LedgerBook(batch, own) };
      streams.push(stream);
      stream.seed = holdSeed(seedAt(place, capture, start, plan.composite.seed === 'positive'), own);
    }
    const relevances = yield* counted(
      backwardEach(plan, capture, streams.map(streamOf), lean, kept.wanted, pool),
      'backward',
      plan.nodes.length,
      total,
    );
    const watched = watch?.finish() ?? null;
    if (watched) for (const tensor of tensorsOfSums(watched.outputs)) pool.retain(tensor);
    return streams.map((stream, index) => {
      const own = relevances[index];
      if (!own) throw new InternalError('a target has no relevance');
      return collect({ plan, ready, kept, capture, watched, shared: streams.length > 1 }, stream, own);
    });
  } finally {
    for (const stream of streams) stream.pool.disposeAll();
    pool.disposeAll();
  }
}

/** One target while it runs. */
interface OpenStream {
  readonly place: StartPlace;
  readonly pool: TensorPool;
  readonly book: LedgerBook | null;
  seed?: Seed;
}

function seedOfStream({ seed, place }: OpenStream): Seed {
  if (!seed) throw new InternalError(`${place.name} has no start values`);
  return seed;
}

function streamOf(stream: OpenStream): Stream {
  const { place, pool, book } = stream;
  return { seeds: new Map([[place.edge, pool.retain(seedOfStream(stream).relevance)]]), pool, book };
}

function seedAt(place: StartPlace, capture: Capture, start: StartValue, positive: boolean): Seed {
  const value = capture.values.get(place.edge);
  if (!value) throw new InternalError(`${place.name} has no value`);
  return seedOf(value, place.unit, place.channel, start, place.name, positive);
}

function* counted<T>(
  steps: Generator<Pause, T>,
  phase: Progress['phase'],
  before: number,
  total: number,
): Generator<Progress, T> {
  let done = before;
  try {
    for (let next = steps.next(); ; next = steps.next()) {
      if (next.done) return next.value;
      const { node, finished } = next.value;
      if (finished) done += 1;
      yield {
        phase,
        done,
        total,
        // Seldom asked for.
        get address() {
          return formatAddress(node.address);
        },
      };
    }
  } finally {
    // Where this is broken off the steps have to clean up too; a scan holds tensors of its own.
    steps.return(undefined as T);
  }
}

function holdSeed(seed: Seed, pool: TensorPool): Seed {
  pool.retain(seed.relevance);
  pool.retain(seed.scores);
  pool.retain(seed.weights);
  return seed;
}

/** What all targets of a run have in common. */
interface Common {
  readonly plan: PlannedModel;
  readonly ready: readonly ReadyInput[];
  readonly kept: Kept;
  readonly capture: Capture;
  readonly watched: WatchedOutputs | null;
  /** Whether there are several, each of which needs copies of its own. */
  readonly shared: boolean;
}

/** Puts the result of one target together and takes its tensors out of the pool. */
function collect(common: Common, stream: OpenStream, relevances: Relevances): Propagated {
  const { plan, ready, kept, capture, watched, shared } = common;
  const { place, pool, book } = stream;
  const seed = seedOfStream(stream);
  const zeros = new Map<string, tf.Tensor>();
  const zero = (shape: readonly number[]) => {
    const key = shape.join();
    const known = zeros.get(key) ?? pool.retain(tf.zeros([...shape]));
    zeros.set(key, known);
    return known;
  };
  const read = (tap: Tap): tf.Tensor => readTap(tap, relevances) ?? zero(shapeOf(tap, plan, capture));
  const inputs = plan.graph.inputs.map((edge, index) => {
    const relevance = read({ edge });
    return ready[index]?.single ? pool.retain(ops.reshape(relevance, relevance.shape.slice(1))) : relevance;
  });
  const calls = kept.calls.map(
    (taps): CallRelevance => ({
      taps,
      inputs: taps.inputs.map((list) => sumTaps(list.map(read), pool)),
      outputs: taps.outputs.map(read),
    }),
  );
  const steps = kept.steps.map((step): StepRelevance => ({ step, relevance: read({ edge: step.edge }) }));
  const outputs = plan.outputs.map(({ edge }) => outputValue(edge, capture, pool, shared));
  const results = new Set([
    ...inputs,
    ...calls.flatMap((call) => [...call.inputs, ...call.outputs]),
    ...steps.map(({ relevance }) => relevance),
    ...outputs,
    ...[seed.relevance, seed.scores, seed.weights],
  ]);
  const ledger = book && watched ? { ...book.finish(results), ...(shared ? copyOf(watched) : watched) } : null;
  pool.handOver([...results, ...(ledger ? [...tensorsOfSums(ledger.sums), ...tensorsOfSums(ledger.outputs)] : [])]);
  return { inputs, calls, steps, place, seed, outputs, ledger };
}

/** The same, for one of several targets to own. */
function copyOf({ watched, outputs }: WatchedOutputs): WatchedOutputs {
  const parts = outputs.parts.map((part) => ({ ...part, tensor: tf.clone(part.tensor) })); // sums have no magnitudes
  return { watched, outputs: { ...outputs, parts } };
}

function readTap(tap: Tap, relevances: Relevances): tf.Tensor | null {
  if ('edge' in tap) return relevances.edges.get(tap.edge) ?? null;
  return relevances.nodes.get(tap.node)?.[tap.input] ?? null;
}

function shapeOf(tap: Tap, plan: PlannedModel, capture: Capture): readonly number[] {
  const edge = 'edge' in tap ? tap.edge : plan.nodes.find(({ node }) => node.id === tap.node)?.node.inputs[tap.input];
  return capture.shapes.get(edge ?? -1) ?? [];
}

function sumTaps(parts: readonly tf.Tensor[], pool: TensorPool): tf.Tensor {
  const [first, ...rest] = parts;
  if (!first) throw new InternalError('a layer input is read nowhere');
  if (rest.length === 0) return first;
  return pool.retain(tf.tidy(() => rest.reduce((sum, part) => ops.add(sum, part), first)));
}

/** An output that is the user's own input tensor, or several targets', is copied: the result owns what it holds. */
function outputValue(edge: number, capture: Capture, pool: TensorPool, shared: boolean): tf.Tensor {
  const value = capture.values.get(edge);
  if (!value) throw new InternalError(`output edge ${edge} has no value`);
  return shared || pool.isForeign(value) ? pool.retain(tf.clone(value)) : value;
}
