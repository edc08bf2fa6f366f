import * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import type { PlannedGraph, PlannedNode } from '../plan/plan-graph.js';
import type { EdgeId } from '../steps/graph.js';
import { unpackAnswers } from '../steps/scan.js';
import type { ScanStep } from '../steps/step.js';
import { stackTime, TimeReader } from '../steps/time.js';
import * as ops from '../tensors/ops.js';
import { TensorPool } from '../tensors/pool.js';
import type { Shape } from '../tensors/shape.js';
import { backward, type Relevances } from './backward.js';
import type { Capture } from './forward.js';
import type { Account, Book } from './ledger-book.js';
import type { Pause } from './pause.js';
import { ScanBook } from './scan-book.js';
import { ScanCapture } from './scan-capture.js';

/** What a scan's propagation is given. Tensors are the caller's and only read. */
export interface ScanFlow {
  readonly planned: PlannedNode;
  readonly xs: readonly tf.Tensor[];
  /** Record of all states, as the forward pass left it. */
  readonly record: tf.Tensor;
  readonly rOut: tf.Tensor;
  /** Edges whose relevance is to be kept; those inside the body are kept over time. */
  readonly wanted: ReadonlySet<EdgeId>;
  readonly book: Book | null;
  readonly account: Account;
}

/** What a scan shared out; the tensors are the caller's. */
export interface ScanShared {
  /** What each input earned. */
  readonly given: (tf.Tensor | null)[];
  /** Relevance of the wanted edges inside, `[batch, time, ...]`, time in the order of the input. */
  readonly kept: ReadonlyMap<EdgeId, tf.Tensor>;
}

/**
 * Carries relevance through a scan, from the last time step to the first. What the rules need of a time step is computed
 * again from the state recorded before it, so that only the states are kept over time; each then shares its relevance by
 * the same backward pass as any other graph. Pauses after each time step.
 */
export function* propagateScan(flow: ScanFlow): Generator<Pause, ScanShared> {
  const walk = new ScanWalk(flow);
  try {
    for (let time = walk.times - 1; time >= 0; time--) {
      walk.share(time);
      yield { node: flow.planned.node, finished: false };
    }
    return walk.finish();
  } finally {
    walk.dispose();
  }
}

/** The way back through time. All its tensors are held by one pool, so that it can be broken off anywhere. */
class ScanWalk {
  /** How many time steps there are. */
  readonly times: number;
  private readonly body: PlannedGraph;
  private readonly step: ScanStep;
  private readonly held = new TensorPool();
  private readonly book: ScanBook | null;
  private readonly captured: ScanCapture;
  private readonly received: TimeReader;
  /** Edges of the body whose relevance is followed: those wanted, and its inputs. */
  private readonly followed: ReadonlySet<EdgeId>;
  /** What each sequence earned, from the last time step to the first. */
  private readonly earned: readonly (tf.Tensor | null)[][];
  /** Relevance of the wanted edges, from the last time step to the first. */
  private readonly kept = new Map<EdgeId, tf.Tensor[]>();
  /** Relevance of the states before the time step shared last. */
  private carried: readonly (tf.Tensor | null)[] = [];

  constructor(private readonly flow: ScanFlow) {
    const { planned, xs, record, rOut, wanted } = flow;
    const { step } = planned.node;
    if (!planned.body || step.kind !== 'scan') throw new InternalError('this step has no body');
    this.body = planned.body;
    this.step = step;
    this.book = flow.book ? new ScanBook(this.held) : null;
    this.captured = new ScanCapture(planned.body, step, { xs, record }, this.held);
    this.received = new TimeReader(rOut);
    this.times = this.received.times;
    this.followed = new Set([...wanted, ...step.body.inputs]);
    this.earned = Array.from({ length: step.sequences }, () => []);
  }

  /** Shares the relevance of one time step; they come in reverse. */
  share(time: number): void {
    const capture = this.captured.at(time);
    const edges = this.shareBody(capture, this.seedsAt(time));
    for (const tensor of this.carried) if (tensor) this.held.release(tensor);
    const own = this.step.body.inputs.map((edge) => edges.get(edge) ?? null);
    this.carried = own.slice(this.step.sequences);
    for (const [sequence, part] of own.slice(0, this.step.sequences).entries()) this.earned[sequence]?.push(part);
    this.keep(edges, capture.shapes);
  }

  /** Puts together what was earned over time, and settles what reached the states before the first step. */
  finish(): ScanShared {
    const { xs, book, account } = this.flow;
    const sequences = this.earned.map((parts, sequence) => this.joinEarned(parts, xs[sequence]?.shape ?? []));
    const kept = new Map([...this.kept].map(([edge, parts]) => [edge, this.join(parts)]));
    if (book) this.book?.finish(book, account);
    const given = xs.length > this.step.sequences;
    if (!given)
      for (const tensor of this.carried) if (tensor) account.add(() => tensor, [{ loss: 'initialState', times: 1 }]);
    const states = given ? this.carried : [];
    this.held.handOver(states.filter((tensor) => tensor !== null));
    return { given: [...sequences, ...states], kept };
  }

  /** Ends everything that was not handed over. */
  dispose(): void {
    this.book?.dispose();
    this.captured.dispose();
    this.held.disposeAll();
    this.received.dispose();
  }

  /** The way back through one time step. What was followed is held; the seeds end here. */
  private shareBody(capture: Capture, seeds: ReadonlyMap<EdgeId, tf.Tensor>): Relevances['edges'] {
    const pool = new TensorPool();
    try {
      for (const seed of seeds.values()) pool.retain(seed);
      // The pass lets go of what it has used; the capture keeps it.
      for (const x of [...capture.xs.values()].flat()) pool.borrow(x);
      for (const y of capture.y.values()) pool.borrow(y);
      this.book?.begin(pool);
      const wanted = { edges: this.followed, nodes: new Set<number>() };
      const { edges } = drain(backward(this.body, capture, seeds, false, wanted, pool, this.book));
      for (const relevance of edges.values()) this.held.retain(relevance);
      // Only now, because it lets go of what it adds up.
      this.book?.settle();
      pool.handOver(edges.values());
      return edges;
    } finally {
      pool.disposeAll();
    }
  }

  /** Relevance of what a time step answered: what the record received there, and what the next step handed back. */
  private seedsAt(time: number): Map<EdgeId, tf.Tensor> {
    const { body } = this.step;
    const parts = unpackAnswers(this.step, this.received.read(time));
    const seeds = new Map<EdgeId, tf.Tensor>();
    for (const [index, part] of parts.entries()) {
      const edge = body.outputs[index] ?? -1;
      const known = seeds.get(edge);
      seeds.set(edge, addInto(addInto(part, this.carried[index] ?? null), known ?? null));
      known?.dispose();
    }
    return seeds;
  }

  /** Takes down what was wanted of this time step; what nothing reached earned nothing. */
  private keep(edges: ReadonlyMap<EdgeId, tf.Tensor>, shapes: ReadonlyMap<EdgeId, Shape>): void {
    for (const edge of this.flow.wanted) {
      const shape = shapes.get(edge);
      const relevance = edges.get(edge) ?? (shape && this.held.retain(tf.zeros([...shape])));
      if (!relevance) continue;
      const parts = this.kept.get(edge) ?? [];
      parts.push(relevance);
      this.kept.set(edge, parts);
    }
  }

  private joinEarned(parts: readonly (tf.Tensor | null)[], shape: Shape): tf.Tensor | null {
    if (parts.every((part) => part === null)) return null;
    const [batch = 1, , ...rest] = shape;
    return this.join(parts.map((part) => part ?? this.held.retain(tf.zeros([batch, ...rest]))));
  }

  /** Time steps in the order of the input, given from the last one processed to the first. The parts end here. */
  private join(parts: readonly tf.Tensor[]): tf.Tensor {
    const joined = stackTime(this.step.backwards ? parts : [...parts].reverse());
    for (const part of parts) this.held.release(part);
    return joined;
  }
}

/** `x + other`; ends `x` where there is something to add. */
function addInto(x: tf.Tensor, other: tf.Tensor | null): tf.Tensor {
  if (!other) return x;
  const sum = ops.add(x, other);
  x.dispose();
  return sum;
}

function drain<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
  }
}
