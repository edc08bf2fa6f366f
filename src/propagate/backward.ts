import * as tf from '@tensorflow/tfjs-core';
import { formatAddress } from '../address.js';
import { InternalError } from '../errors.js';
import { type PlannedGraph, type PlannedNode, withPlannedBodies } from '../plan/plan-graph.js';
import type { EdgeId } from '../steps/graph.js';
import * as ops from '../tensors/ops.js';
import type { TensorPool } from '../tensors/pool.js';
import type { Shape } from '../tensors/shape.js';
import type { Denominator } from './denominators.js';
import type { Capture } from './forward.js';
import { type Book, NO_ACCOUNT } from './ledger-book.js';
import { propagateLinear } from './linear.js';
import type { Pause } from './pause.js';
import { propagateScan } from './scan.js';
import type { SharedSums } from './shared-sums.js';

/** Which relevances must survive the backward pass. */
export interface Wanted {
  readonly edges: ReadonlySet<EdgeId>;
  /** Nodes whose contributions to each of their inputs are wanted. */
  readonly nodes: ReadonlySet<number>;
}

/** The relevances that survived; each is held in the pool. An edge nothing reached is absent. */
export interface Relevances {
  readonly edges: ReadonlyMap<EdgeId, tf.Tensor>;
  readonly nodes: ReadonlyMap<number, readonly (tf.Tensor | null)[]>;
}

/**
 * Visits the steps in reverse. On an edge with several readers relevances add up; a step that nothing reached is left
 * out. Captured activations and relevances go with their last use. The generator pauses after each step.
 *
 * @param shared Where denominators are kept for other targets.
 */
export function* backward(
  plan: PlannedGraph,
  capture: Capture,
  seeds: ReadonlyMap<EdgeId, tf.Tensor>,
  lean: boolean,
  wanted: Wanted,
  pool: TensorPool,
  book: Book | null,
  shared: SharedSums | null = null,
): Generator<Pause, Relevances> {
  const flowing = new Map<EdgeId, tf.Tensor>(seeds);
  const edges = new Map<EdgeId, tf.Tensor>();
  const nodes = new Map<number, readonly (tf.Tensor | null)[]>();
  for (const planned of [...plan.nodes].reverse()) {
    const { node } = planned;
    if (planned.body) wakeScan(planned, capture, wanted, flowing, pool);
    const rOut = flowing.get(node.output);
    if (rOut) {
      const given = planned.body
        ? yield* shareScan(planned, capture, rOut, wanted, edges, pool, book)
        : shareStep(planned, capture, rOut, lean, plan, book, shared);
      const fresh = new Set(given.filter((part) => part !== null && part !== rOut));
      for (const part of fresh) if (part) pool.retain(part);
      for (const [input, edge] of node.inputs.entries()) addTo(flowing, edge, given[input] ?? null, pool);
      book?.close(given);
      if (wanted.nodes.has(node.id)) {
        for (const part of given) if (part) pool.retain(part);
        nodes.set(node.id, given);
      }
      for (const part of fresh) if (part) pool.release(part);
      settle(node.output, flowing, wanted, edges, pool);
    }
    releaseCapture(capture, node.id, pool);
    yield { node, finished: true };
  }
  for (const edge of plan.graph.inputs) settle(edge, flowing, wanted, edges, pool);
  return { edges, nodes };
}

/** Relevance that has reached its step is kept if it is wanted, and otherwise ends here. */
function settle(
  edge: EdgeId,
  flowing: Map<EdgeId, tf.Tensor>,
  wanted: Wanted,
  kept: Map<EdgeId, tf.Tensor>,
  pool: TensorPool,
): void {
  const relevance = flowing.get(edge);
  if (!relevance) return;
  flowing.delete(edge);
  if (wanted.edges.has(edge)) kept.set(edge, relevance);
  else pool.release(relevance);
}

/** A scan with wanted steps inside runs even where nothing reached it, and finds that they earned nothing. */
function wakeScan(
  { node, body }: PlannedNode,
  capture: Capture,
  wanted: Wanted,
  flowing: Map<EdgeId, tf.Tensor>,
  pool: TensorPool,
): void {
  const record = capture.y.get(node.id);
  if (!body || !record || flowing.has(node.output)) return;
  const holdsWanted = withPlannedBodies(body.nodes).some((inner) => wanted.edges.has(inner.node.output));
  if (holdsWanted) flowing.set(node.output, pool.retain(tf.zerosLike(record)));
}

/** Shares what a scan received; the wanted relevances inside it go to `kept`. */
function* shareScan(
  planned: PlannedNode,
  capture: Capture,
  rOut: tf.Tensor,
  wanted: Wanted,
  kept: Map<EdgeId, tf.Tensor>,
  pool: TensorPool,
  book: Book | null,
): Generator<Pause, (tf.Tensor | null)[]> {
  const { id } = planned.node;
  const record = capture.y.get(id);
  if (!record) throw new InternalError('the states of a scan were not captured');
  const account = book?.open(id, rOut) ?? NO_ACCOUNT;
  const xs = capture.xs.get(id) ?? [];
  const shared = yield* propagateScan({ planned, xs, record, rOut, wanted: wanted.edges, book, account });
  for (const [edge, relevance] of shared.kept) kept.set(edge, pool.retain(relevance));
  return shared.given;
}

function shareStep(
  { node, rule, programs, keepsAll }: PlannedNode,
  capture: Capture,
  rOut: tf.Tensor,
  lean: boolean,
  { derived }: PlannedGraph,
  book: Book | null,
  shared: SharedSums | null,
): (tf.Tensor | null)[] {
  const { step } = node;
  const account = book?.open(node.id, rOut) ?? NO_ACCOUNT;
  const xs = capture.xs.get(node.id) ?? [];
  const y = capture.y.get(node.id) ?? null;
  const shapes = node.inputs.map((edge) => capture.shapes.get(edge) ?? []);
  if (programs && step.kind === 'linear') {
    const program = lean ? programs.lean : programs.general;
    const denominators = shared && ((make: () => Denominator[]) => shared.of(node.id, y, make));
    return propagateLinear({ step, program, xs, z: y, shapes, rOut, derived, account, denominators });
  }
  if (rule.kind !== 'flow') throw new InternalError(`a linear rule met a ${step.kind} step`);
  let given: (tf.Tensor | null)[] = [];
  tf.tidy(() => {
    given = rule.redistribute({
      step,
      xs,
      y,
      shapes,
      rOut,
      account: (loss, make) => {
        if (!keepsAll) account.add(make, [{ loss, times: 1 }]);
      },
      read: (weight) => derived.read(weight),
    });
    // A rule may answer what it was shown, or what it holds itself: whatever is older than the relevance is not ours.
    given = given.map((part) => (part !== null && part !== rOut && part.id < rOut.id ? ops.mul(part, 1) : part));
    // Inside the tidy, which ends them if one is wrong.
    given.forEach((part, input) => {
      checkShape(part, shapes[input] ?? [], formatAddress(node.address), rule.name);
    });
    return given.filter((part) => part !== null);
  });
  return given;
}

/** Rules of the user's own may get this wrong, and would otherwise fail somewhere else. */
function checkShape(part: tf.Tensor | null, shape: Shape, address: string, rule: string): void {
  if (!part || (part.rank === shape.length && part.shape.every((size, axis) => size === shape[axis]))) return;
  throw new InternalError(
    `rule "${rule}" at ${address} gave relevance of shape [${part.shape}] for an input of shape [${shape}]`,
    { address, rule },
  );
}

function addTo(flowing: Map<EdgeId, tf.Tensor>, edge: EdgeId, part: tf.Tensor | null, pool: TensorPool): void {
  if (!part) return;
  const known = flowing.get(edge);
  if (!known) {
    flowing.set(edge, pool.retain(part));
    return;
  }
  flowing.set(edge, pool.retain(ops.add(known, part)));
  pool.release(known);
}

/** Ends what was captured for a step, unless others hold it. */
export function releaseCapture(capture: Capture, node: number, pool: TensorPool): void {
  for (const x of capture.xs.get(node) ?? []) pool.release(x);
  const y = capture.y.get(node);
  if (y) pool.release(y);
}
