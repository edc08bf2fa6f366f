import type { EdgeId, StepGraph, StepNode } from '../steps/graph.js';

/** Where the relevance of a place can be read: at an edge, or what one node gives to one of its inputs. */
export type Tap = { readonly edge: EdgeId } | { readonly node: number; readonly input: number };

/** A step graph after rewriting, and where the places that are gone can be found. */
export interface Rewritten {
  readonly graph: StepGraph;
  /** Edges that no longer exist, and where their relevance is. */
  readonly edges: ReadonlyMap<EdgeId, Tap>;
  /** Nodes that no longer exist; relevance at their input is read there. */
  readonly nodes: ReadonlyMap<number, Tap>;
  /** Edges whose values are no longer the layer's own, since a batch normalization after it was folded in. */
  readonly changed: ReadonlySet<EdgeId>;
  /** Remarks for the rows of the plan, by node. */
  readonly notes: ReadonlyMap<number, readonly string[]>;
  /** For each model output the link function that was set aside, or null. */
  readonly links: readonly (string | null)[];
}

/** A graph nothing has been done to yet. */
export function untouched(graph: StepGraph): Rewritten {
  return {
    graph,
    changed: new Set(),
    edges: new Map(),
    nodes: new Map(),
    notes: new Map(),
    links: graph.outputs.map(() => null),
  };
}

/** Adds a remark to a node's row. */
export function withNote(state: Rewritten, node: number, note: string): Rewritten {
  const notes = new Map(state.notes);
  notes.set(node, [...(notes.get(node) ?? []), note]);
  return { ...state, notes };
}

/**
 * Takes `node` out: whoever read its output reads `replacement` instead. Relevance at the removed places is found at
 * `tap`.
 */
export function removeNode(state: Rewritten, node: StepNode, replacement: EdgeId, tap: Tap): Rewritten {
  const rename = (edge: EdgeId) => (edge === node.output ? replacement : edge);
  const nodes = state.graph.nodes
    .filter((other) => other.id !== node.id)
    .map((other) => (other.inputs.includes(node.output) ? { ...other, inputs: other.inputs.map(rename) } : other));
  const graph = { ...state.graph, nodes, outputs: state.graph.outputs.map(rename) };
  return {
    ...state,
    graph,
    edges: new Map([...state.edges, [node.output, tap]]),
    nodes: new Map([...state.nodes, [node.id, tap]]),
  };
}

/** Puts `changed` in the place of the node with its id. */
export function replaceNode(state: Rewritten, changed: StepNode): Rewritten {
  const nodes = state.graph.nodes.map((node) => (node.id === changed.id ? changed : node));
  return { ...state, graph: { ...state.graph, nodes } };
}
