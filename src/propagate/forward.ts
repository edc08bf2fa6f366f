import type * as tf from '@tensorflow/tfjs-core';
import { formatAddress } from '../address.js';
import { InternalError } from '../errors.js';
import { needsOf, outputCaptured, type PlannedGraph, type PlannedNode } from '../plan/plan-graph.js';
import type { EdgeId } from '../steps/graph.js';
import { runStep } from '../steps/run.js';
import { scanForward } from '../steps/scan.js';
import type { Step } from '../steps/step.js';
import type { TensorPool } from '../tensors/pool.js';
import type { Shape } from '../tensors/shape.js';
import type { OutputWatch } from './output-watch.js';
import type { Pause } from './pause.js';

/** What the forward pass leaves for the backward pass: per node the tensors its rule needs, and all shapes. */
export interface Capture {
  readonly xs: ReadonlyMap<number, readonly tf.Tensor[]>;
  readonly y: ReadonlyMap<number, tf.Tensor>;
  readonly shapes: ReadonlyMap<EdgeId, Shape>;
  /** Values of the edges asked for; the model's outputs and where explanation starts. */
  readonly values: ReadonlyMap<EdgeId, tf.Tensor>;
}

/**
 * Runs the steps in order and keeps only what the rules will ask for. Every value is disposed with its last reader. The
 * generator pauses after each step.
 */
export function* forward(
  plan: PlannedGraph,
  inputs: readonly tf.Tensor[],
  keep: readonly EdgeId[],
  lean: boolean,
  pool: TensorPool,
  watch: OutputWatch | null,
): Generator<Pause, Capture> {
  const xs = new Map<number, readonly tf.Tensor[]>();
  const y = new Map<number, tf.Tensor>();
  const shapes = new Map<EdgeId, Shape>();
  const values = new Map<EdgeId, tf.Tensor>();
  const readers = countReaders(plan, keep);
  const wanting = nodesByOutput(plan, lean);
  const set = (edge: EdgeId, value: tf.Tensor) => {
    shapes.set(edge, value.shape);
    values.set(edge, value);
    for (const node of wanting.get(edge) ?? []) y.set(node, pool.retain(value));
    if (!readers.has(edge)) drop(edge);
  };
  const drop = (edge: EdgeId) => {
    const value = values.get(edge);
    values.delete(edge);
    if (value) pool.release(value);
  };
  plan.graph.inputs.forEach((edge, index) => {
    const input = inputs[index];
    if (!input) throw new InternalError(`input ${index} is missing`);
    set(edge, pool.borrow(input));
  });
  for (const planned of plan.nodes) {
    const { node } = planned;
    const own = node.inputs.map((edge) => readValue(values, edge, planned));
    const output = pool.retain(yield* runPlanned(planned, own, plan));
    if (canBreak(node.step)) watch?.see(node.id, output);
    if (needsOf(planned, lean).inputs)
      xs.set(
        node.id,
        own.map((x) => pool.retain(x)),
      );
    set(node.output, output);
    for (const edge of new Set(node.inputs)) {
      const left = (readers.get(edge) ?? 0) - 1;
      readers.set(edge, left);
      if (left === 0) drop(edge);
    }
    yield { node, finished: true };
  }
  return { xs, y, shapes, values };
}

/** Which steps' outputs are captured, by the edge that carries them. */
function nodesByOutput(plan: PlannedGraph, lean: boolean): Map<EdgeId, number[]> {
  const nodes = new Map<EdgeId, number[]>();
  for (const planned of plan.nodes) {
    const edge = outputCaptured(planned, lean);
    if (edge !== null) nodes.set(edge, [...(nodes.get(edge) ?? []), planned.node.id]);
  }
  return nodes;
}

/** False for steps that only hand on what they are given: their outputs are as finite as their inputs. */
function canBreak(step: Step): boolean {
  switch (step.kind) {
    case 'relabel':
      return false;
    case 'select':
      return step.candidates === undefined;
    case 'elementwise':
      return step.deadBelowZero !== true;
    default:
      return true;
  }
}

/** Runs a step; a scan pauses after each of its time steps. */
function* runPlanned({ node }: PlannedNode, xs: readonly tf.Tensor[], plan: PlannedGraph): Generator<Pause, tf.Tensor> {
  if (node.step.kind !== 'scan') return runStep(node.step, xs, plan.derived);
  return yield* scanForward(node.step, xs, plan.derived, { node, finished: false });
}

/** How many nodes read each edge; edges to keep have one reader more, which never comes. */
function countReaders(plan: PlannedGraph, keep: readonly EdgeId[]): Map<EdgeId, number> {
  const readers = new Map<EdgeId, number>();
  const count = (edge: EdgeId) => readers.set(edge, (readers.get(edge) ?? 0) + 1);
  for (const { node } of plan.nodes) for (const edge of new Set(node.inputs)) count(edge);
  for (const edge of new Set(keep)) count(edge);
  return readers;
}

function readValue(values: ReadonlyMap<EdgeId, tf.Tensor>, edge: EdgeId, { node }: PlannedNode): tf.Tensor {
  const value = values.get(edge);
  if (!value) throw new InternalError(`step ${formatAddress(node.address)} reads edge ${edge}, which has no value`);
  return value;
}
