import * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import type { PlannedGraph, PlannedNode } from '../plan/plan-graph.js';
import type { EdgeId } from '../steps/graph.js';
import { initialStates, sequenceSlices, unpackAnswers, unstackTime } from '../steps/scan.js';
import type { ScanStep } from '../steps/step.js';
import { TensorPool } from '../tensors/pool.js';
import { backward } from './backward.js';
import { forward } from './forward.js';
import type { Account, Book } from './ledger-book.js';
import type { Pause } from './pause.js';
import { ScanBook } from './scan-book.js';

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

/** What one time step handed on: to its slices, and to the states before it; and what was wanted inside. */
interface Handed {
  readonly slices: readonly (tf.Tensor | null)[];
  readonly states: readonly (tf.Tensor | null)[];
  readonly kept: ReadonlyMap<EdgeId, tf.Tensor>;
}

/**
 * Carries relevance through a scan, from the last time step to the first. Each step is run forward again from the state
 * recorded before it, so that only the states are kept over time, and then shares its relevance by the same backward pass
 * as any other graph. Pauses after each time step.
 */
export function* propagateScan(flow: ScanFlow): Generator<Pause, ScanShared> {
  const { planned, xs, record, rOut } = flow;
  const body = planned.body;
  const step = planned.node.step;
  if (!body || step.kind !== 'scan') throw new InternalError('this step has no body');
  const held = new TensorPool();
  const book = flow.book ? new ScanBook() : null;
  const hold = (tensors: tf.Tensor[]) => tensors.map((tensor) => held.retain(tensor));
  try {
    const slices = sequenceSlices(step, xs).map(hold);
    const records = hold(unstackTime(record));
    const received = hold(unstackTime(rOut));
    const first = hold(initialStates(step, xs));
    const earned: (tf.Tensor | null)[][] = slices.map(() => []);
    let carried: readonly (tf.Tensor | null)[] = step.states.map(() => null);
    for (let time = records.length - 1; time >= 0; time--) {
      const before = time === 0 ? first : hold(statesOf(step, records[time - 1]));
      const inputs = [...slices.map((sequence) => at(sequence, time)), ...before];
      const seeds = seedsOf(step, at(received, time), carried);
      const handed = shareTimeStep(body, step, inputs, seeds, book);
      for (const tensor of carried) tensor?.dispose();
      carried = handed.states;
      for (const [sequence, part] of handed.slices.entries()) earned[sequence]?.unshift(part);
      for (const tensor of [at(records, time), at(received, time)]) held.release(tensor);
      if (time > 0) for (const tensor of before) held.release(tensor);
      yield { node: planned.node, finished: false };
    }
    return finish(flow, step, slices, earned, carried, book);
  } finally {
    held.disposeAll();
    book?.dispose();
  }
}

/** Relevance of what a time step answered: what the record received there, and what the next step handed back. */
function seedsOf(step: ScanStep, received: tf.Tensor, carried: readonly (tf.Tensor | null)[]): Map<EdgeId, tf.Tensor> {
  const seeds = new Map<EdgeId, tf.Tensor>();
  const parts = unpackAnswers(step, received);
  for (const [index, part] of parts.entries()) {
    const edge = step.body.outputs[index];
    if (edge === undefined) throw new InternalError('a scan answers more than its body');
    const back = carried[index];
    const known = seeds.get(edge);
    const sum = tf.tidy(() => {
      const own = back ? tf.add(part, back) : tf.reshape(part, part.shape);
      return known ? tf.add(known, own) : own;
    });
    known?.dispose();
    part.dispose();
    seeds.set(edge, sum);
  }
  return seeds;
}

/** One time step: forward for the capture, then backward. The seeds end here. */
function shareTimeStep(
  body: PlannedGraph,
  step: ScanStep,
  inputs: readonly tf.Tensor[],
  seeds: ReadonlyMap<EdgeId, tf.Tensor>,
  book: ScanBook | null,
): Handed {
  const pool = new TensorPool();
  try {
    for (const seed of seeds.values()) pool.retain(seed);
    const capture = drain(forward(body, inputs, [], false, pool, null));
    const wanted = { edges: new Set(step.body.inputs), nodes: new Set<number>() };
    const { edges } = drain(backward(body, capture, seeds, false, wanted, pool, book));
    const own = step.body.inputs.map((edge) => edges.get(edge) ?? null);
    pool.handOver(own.filter((tensor) => tensor !== null));
    return { slices: own.slice(0, step.sequences), states: own.slice(step.sequences) };
  } finally {
    pool.disposeAll();
  }
}

/** Puts the slices' relevance together again and settles what reached the states before the first step. */
function finish(
  flow: ScanFlow,
  step: ScanStep,
  slices: readonly (readonly tf.Tensor[])[],
  earned: readonly (tf.Tensor | null)[][],
  carried: readonly (tf.Tensor | null)[],
  book: ScanBook | null,
): (tf.Tensor | null)[] {
  const sequences = earned.map((parts, sequence) => joinTime(parts, slices[sequence] ?? [], step.backwards));
  const given = flow.xs.length > step.sequences;
  if (flow.book) book?.finish(flow.book, flow.account);
  if (given) return [...sequences, ...carried];
  for (const tensor of carried) {
    if (tensor) flow.account('initialState', () => tensor);
    tensor?.dispose();
  }
  return sequences;
}

function joinTime(
  parts: readonly (tf.Tensor | null)[],
  like: readonly tf.Tensor[],
  backwards: boolean,
): tf.Tensor | null {
  if (parts.every((part) => part === null)) return null;
  const full = parts.map((part, time) => part ?? tf.zerosLike(at(like, time)));
  const joined = tf.stack(backwards ? [...full].reverse() : full, 1);
  for (const part of full) part.dispose();
  return joined;
}

function statesOf(step: ScanStep, record: tf.Tensor | undefined): tf.Tensor[] {
  if (!record) throw new InternalError('a scan has no record of the step before');
  const answers = unpackAnswers(step, record);
  for (const extra of answers.slice(step.states.length)) extra.dispose();
  return answers.slice(0, step.states.length);
}

function drain<T>(steps: Generator<unknown, T>): T {
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
  }
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new InternalError(`nothing at time ${index} of ${list.length}`);
  return value;
}
