import type { FlowEdge, FlowGraph } from './flow-graph.js';

/** A place in the diagram: a node, or a point where an edge passes a row of nodes. */
export interface Spot {
  readonly id: string;
  /** The node that stands there; null for a passing edge. */
  readonly node: string | null;
  readonly row: number;
  /** Room it needs across. */
  readonly width: number;
}

/** An edge with the spots it leads through, from above to below. */
export interface Route {
  readonly edge: FlowEdge;
  readonly spots: readonly string[];
}

/** Nodes in rows, the score above and the inputs below, every edge between neighbouring rows. */
export interface Layered {
  readonly rows: readonly (readonly Spot[])[];
  readonly routes: readonly Route[];
}

/**
 * Puts nodes in rows, each one row below the lowest of its readers, and gives edges that skip rows a spot in each of them, so
 * that no edge runs through a node.
 */
export function layerGraph({ nodes, edges }: FlowGraph, nodeWidth: number, passingWidth: number): Layered {
  const rowOf = rowsOf(
    nodes.map((node) => node.id),
    edges,
  );
  const count = 1 + Math.max(...rowOf.values());
  const rows: Spot[][] = Array.from({ length: count }, () => []);
  for (const { id } of [...nodes].reverse()) {
    const row = rowOf.get(id) ?? 0;
    rows[row]?.push({ id: `node ${id}`, node: id, row, width: nodeWidth });
  }
  const routes = edges.map((edge, index): Route => {
    const [top, bottom] = [rowOf.get(edge.from) ?? 0, rowOf.get(edge.to) ?? 0];
    const between = Array.from({ length: Math.max(0, bottom - top - 1) }, (_, step) => {
      const spot: Spot = {
        id: `edge ${index} row ${top + step + 1}`,
        node: null,
        row: top + step + 1,
        width: passingWidth,
      };
      rows[spot.row]?.push(spot);
      return spot.id;
    });
    return { edge, spots: [`node ${edge.from}`, ...between, `node ${edge.to}`] };
  });
  return { rows, routes };
}

/** Longest way from the score; nodes come in the order of the model, so readers come after what they read. */
function rowsOf(ids: readonly string[], edges: readonly FlowEdge[]): Map<string, number> {
  const rows = new Map(ids.map((id) => [id, 0]));
  const outgoing = new Map<string, FlowEdge[]>();
  for (const edge of edges) outgoing.set(edge.from, [...(outgoing.get(edge.from) ?? []), edge]);
  for (const id of [...ids].reverse()) {
    for (const { to } of outgoing.get(id) ?? []) rows.set(to, Math.max(rows.get(to) ?? 0, (rows.get(id) ?? 0) + 1));
  }
  return rows;
}
