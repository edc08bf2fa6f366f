import type { Address } from '../address.js';
import type { Step } from './step.js';

/** One symbolic tensor of a step graph. */
export type EdgeId = number;

/** A step in its place: where it came from, what it reads, what it makes. */
export interface StepNode {
  /** Number of the step. */
  readonly id: number;
  /** The layer call it belongs to, and its role there. */
  readonly address: Address;
  /** What it does. */
  readonly step: Step;
  /** The edges it reads. */
  readonly inputs: readonly EdgeId[];
  /** The edge it makes. */
  readonly output: EdgeId;
}

/** Steps in an order in which each finds its inputs ready. */
export interface StepGraph {
  /** In an order in which each comes after what it reads. */
  readonly nodes: readonly StepNode[];
  /** Edges that come from outside. */
  readonly inputs: readonly EdgeId[];
  /** Edges that are the result. */
  readonly outputs: readonly EdgeId[];
}

/** The nodes that read each edge; an edge nobody reads is absent. */
export function consumersOf(graph: StepGraph): ReadonlyMap<EdgeId, readonly StepNode[]> {
  const consumers = new Map<EdgeId, StepNode[]>();
  for (const node of graph.nodes) {
    for (const edge of new Set(node.inputs)) {
      const list = consumers.get(edge) ?? [];
      list.push(node);
      consumers.set(edge, list);
    }
  }
  return consumers;
}

/** The node that makes each edge; graph inputs are absent. */
export function producersOf(graph: StepGraph): ReadonlyMap<EdgeId, StepNode> {
  return new Map(graph.nodes.map((node) => [node.output, node]));
}

/** Nodes and, after each scan, the nodes of its body, to any depth. */
export function withBodies(nodes: readonly StepNode[]): StepNode[] {
  return nodes.flatMap((node) => (node.step.kind === 'scan' ? [node, ...withBodies(node.step.body.nodes)] : [node]));
}
