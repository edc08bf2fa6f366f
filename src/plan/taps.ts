import type { Rewritten, Tap } from '../canonize/rewrite.js';
import type { LayerCall } from '../graph/call.js';
import type { StepNode } from '../steps/graph.js';
import type { LoweredCall } from './lower.js';

/** Where the relevance of a layer call is read: per input the contributions that add up to it, per output one place. */
export interface CallTaps {
  readonly call: LayerCall;
  readonly inputs: readonly (readonly Tap[])[];
  readonly outputs: readonly Tap[];
  /** True where folding has changed the values at the outputs: relevance is read there, but not the layer's own values. */
  readonly changed: boolean;
}

/** Finds the places of every call in the rewritten graph. */
export function tapsOf(calls: readonly LoweredCall[], nodes: readonly StepNode[], state: Rewritten): CallTaps[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return calls.map((lowered) => {
    const own = lowered.nodes.flatMap((id) => byId.get(id) ?? []);
    return {
      call: lowered.call,
      inputs: lowered.inputs.map((_, index) => inputTaps(lowered, index, own).map((tap) => settle(tap, state))),
      outputs: lowered.outputs.map((edge) => settle({ edge }, state)),
      changed: lowered.outputs.some((edge) => state.changed.has(edge)),
    };
  });
}

/** All places where the call's own steps read its `index`-th input; the edge itself when none does. */
function inputTaps(lowered: LoweredCall, index: number, own: readonly StepNode[]): Tap[] {
  const edge = lowered.inputs[index];
  if (edge === undefined) return [];
  const reads = own.flatMap((node) =>
    node.inputs.flatMap((read, input) => (read === edge ? [{ node: node.id, input }] : [])),
  );
  if (reads.length === 0) return [{ edge }];
  // The same tensor given twice (Add of x and x): each argument gets its own reads.
  const times = lowered.inputs.filter((other) => other === edge).length;
  const turn = lowered.inputs.slice(0, index).filter((other) => other === edge).length;
  return times === 1 ? reads : reads.filter((_, position) => position % times === turn);
}

/** Follows a place through rewriting to where it is now. */
function settle(tap: Tap, state: Rewritten): Tap {
  const moved = 'edge' in tap ? state.edges.get(tap.edge) : state.nodes.get(tap.node);
  return moved ? settle(moved, state) : tap;
}
