import type { Address } from '../address.js';
import type { Step } from './step.js';

/** One symbolic tensor of a step graph. */
export type EdgeId = number;

/** A step in its place: where it came from, what it reads, what it makes. */
export interface StepNode {
  readonly id: number;
  readonly address: Address;
  readonly step: Step;
  readonly inputs: readonly EdgeId[];
  readonly output: EdgeId;
}

/** Steps in an order in which each finds its inputs ready. */
export interface StepGraph {
  readonly nodes: readonly StepNode[];
  readonly inputs: readonly EdgeId[];
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
