import type { FlowGraph, FlowNode } from './flow-graph.js';

/** Absorbed relevance below this share of what arrived does not show. */
const NOTHING = 1e-4;

/**
 * Draws together what stands in a row and hands relevance on unchanged, such as a convolution with its folded batch
 * normalization, activation and pooling: a node without weights that absorbs nothing and has one input joins the node it reads, unless
 * that one is read by others too.
 */
export function collapse({ nodes, edges, starts }: FlowGraph): FlowGraph {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const readers = countBy(edges, (edge) => edge.to);
  const reads = countBy(edges, (edge) => edge.from);
  const joined = new Map<string, string>();
  for (const { from, to } of edges) {
    const [upper, lower] = [byId.get(from), byId.get(to)];
    if (!upper || !lower || lower.isInput || reads.get(from) !== 1 || readers.get(to) !== 1) continue;
    if (passesAllOn(upper) && !starts.has(to)) joined.set(from, to);
  }
  const home = (id: string): string => {
    const next = joined.get(id);
    return next === undefined ? id : home(next);
  };
  const kept = nodes.filter((node) => !joined.has(node.id));
  return {
    nodes: kept.map((node) =>
      join(
        node,
        nodes.filter((other) => other.id !== node.id && home(other.id) === node.id),
      ),
    ),
    edges: edges.filter(({ from }) => !joined.has(from)).map((edge) => ({ ...edge, to: home(edge.to) })),
    starts: new Map([...starts].map(([id, start]) => [home(id), start])),
  };
}

function passesAllOn({ handsOn, received, absorbed }: FlowNode): boolean {
  return handsOn && absorbed.every(({ relevance }) => Math.abs(relevance) <= NOTHING * Math.abs(received));
}

/** The node keeps its losses; what it received is what the last one joined to it did. */
function join(node: FlowNode, others: readonly FlowNode[]): FlowNode {
  return {
    ...node,
    addresses: [node, ...others].flatMap((one) => one.addresses),
    layerTypes: [node, ...others].flatMap((one) => one.layerTypes),
  };
}

function countBy<T>(list: readonly T[], key: (item: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const item of list) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}
