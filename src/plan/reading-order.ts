import type { EdgeId, StepNode } from '../steps/graph.js';

/** What of a layer call says where it can stand. */
export interface Written {
  /** Its steps. */
  readonly nodes: readonly StepNode[];
  /** The mask that it is handed. */
  readonly handedMask: EdgeId | null;
}

/**
 * Layer calls in the order given, but where one takes what a later one makes, as tfjs hands masks from one branch to
 * another, the later one comes first.
 */
export function inReadingOrder<T extends Written>(calls: readonly T[]): T[] {
  const makers = new Map(calls.flatMap((call) => call.nodes.map((node): [EdgeId, T] => [node.output, call])));
  const ordered = new Set<T>();
  const seen = new Set<T>();
  const place = (call: T) => {
    if (seen.has(call)) return;
    seen.add(call);
    for (const edge of [...call.nodes.flatMap((node) => node.inputs), call.handedMask ?? -1]) {
      const maker = makers.get(edge);
      if (maker) place(maker);
    }
    ordered.add(call);
  };
  for (const call of calls) place(call);
  return [...ordered];
}
