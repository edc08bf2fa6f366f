import type { PlannedGraph, PlannedNode } from '../plan/plan-graph.js';
import { needsOf, outputCaptured } from '../plan/plan-graph.js';
import type { EdgeShapes } from '../plan/shapes.js';
import type { EdgeId } from '../steps/graph.js';
import { sizeOf } from '../tensors/shape.js';
import type { Wanted } from './backward.js';

/** Bytes of tensors that a run needs, as far as shapes tell. */
export interface RunMemory {
  /** Activations kept from the way forward for the way back. */
  readonly captured: number;
  /** Relevance that the result holds. */
  readonly kept: number;
  /** The most that is alive at a time, weights and derived kernels left aside. */
  readonly peak: number;
}

const BYTES = 4;

/**
 * Follows a run without running it: which values, captured activations and relevances are alive at each step. What a
 * step makes on its way is taken to be two tensors like its output per share, three for a rule that is not made of shares,
 * and two like its input per term.
 */
export function memoryOf(plan: PlannedGraph, shapes: EdgeShapes, wanted: Wanted, lean: boolean): RunMemory {
  const bytes = (edge: EdgeId) => BYTES * sizeOf(shapes.get(edge) ?? [0]);
  const total = (edges: Iterable<EdgeId>) => [...new Set(edges)].reduce((sum, edge) => sum + bytes(edge), 0);
  const captured = plan.nodes.map((planned) => capturedBy(planned, lean));
  const last = lastReaders(plan);
  const alive = new Set<EdgeId>(plan.graph.inputs);
  const held = new Set<EdgeId>();
  let peak = 0;
  for (const [index, { node }] of plan.nodes.entries()) {
    alive.add(node.output);
    for (const edge of captured[index] ?? []) held.add(edge);
    peak = Math.max(peak, total([...alive, ...held]));
    for (const edge of node.inputs) if (last.get(edge) === node.id) alive.delete(edge);
  }
  const allCaptured = total(held);
  const flowing = new Set<EdgeId>(plan.graph.outputs);
  const kept = new Set<EdgeId>();
  for (const [index, planned] of [...plan.nodes.entries()].reverse()) {
    const { node } = planned;
    for (const edge of node.inputs) flowing.add(edge);
    const working = workingBytes(planned, bytes);
    peak = Math.max(peak, total(heldUpTo(captured, index)) + total([...flowing, ...kept]) + working);
    flowing.delete(node.output);
    if (wanted.edges.has(node.output) || wanted.nodes.has(node.id)) kept.add(node.output);
  }
  for (const edge of plan.graph.inputs) kept.add(edge);
  return { captured: allCaptured, kept: total(kept), peak };
}

function capturedBy(planned: PlannedNode, lean: boolean): EdgeId[] {
  const output = outputCaptured(planned, lean);
  return [...(needsOf(planned, lean).inputs ? planned.node.inputs : []), ...(output === null ? [] : [output])];
}

/** What is still captured when the steps after `index` have let go of theirs. */
function heldUpTo(captured: readonly (readonly EdgeId[])[], index: number): Set<EdgeId> {
  return new Set(captured.slice(0, index + 1).flat());
}

function lastReaders({ graph, nodes }: PlannedGraph): Map<EdgeId, number> {
  const last = new Map<EdgeId, number>();
  for (const { node } of nodes) for (const edge of node.inputs) last.set(edge, node.id);
  for (const edge of graph.outputs) last.delete(edge);
  return last;
}

function workingBytes({ node, programs }: PlannedNode, bytes: (edge: EdgeId) => number): number {
  const out = bytes(node.output);
  const inputs = node.inputs.reduce((sum, edge) => sum + bytes(edge), 0);
  const shares = programs?.lean.shares ?? [];
  const terms = shares.flatMap((share) => share.terms);
  return (programs ? 2 * Math.max(1, shares.length) : 3) * out + 2 * Math.max(1, terms.length) * inputs;
}
