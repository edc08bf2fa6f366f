import { formatAddress } from '../address.js';
import type { Rewritten } from '../canonize/rewrite.js';
import type { LayerCall } from '../graph/call.js';
import { isContainer } from '../graph/trace.js';
import { consumersOf, producersOf, type StepNode } from '../steps/graph.js';
import { followedByRelu } from './facts.js';
import type { LoweredCall } from './lower.js';

/** A step with all that a match may ask about it. */
export interface StepInfo {
  readonly node: StepNode;
  readonly call: LayerCall;
  /** Address without role, as printed. */
  readonly address: string;
  /** A linear step with a kernel that mixes inputs (not a batch normalization). */
  readonly weighted: boolean;
  readonly beforeRelu: boolean;
  /** Number among the weighted steps, counted from the input; null for the others. */
  readonly order: number | null;
  /** Weighted steps from which a path leads here, and to which one leads from here, by node. */
  readonly before: ReadonlySet<number>;
  readonly after: ReadonlySet<number>;
}

/** Everything matches and checks need to know of each step, in the order of the graph. */
export function describeSteps(state: Rewritten, calls: readonly LoweredCall[]): StepInfo[] {
  const { graph } = state;
  const callOf = new Map(calls.flatMap(({ call, nodes }) => nodes.map((node) => [node, call] as const)));
  const producers = producersOf(graph);
  const before = reachable(graph.nodes, (node) => node.inputs.flatMap((edge) => producers.get(edge)?.id ?? []));
  const consumers = consumersOf(graph);
  const after = reachable([...graph.nodes].reverse(), (node) =>
    (consumers.get(node.output) ?? []).map((reader) => reader.id),
  );
  let order = 0;
  return graph.nodes.flatMap((node) => {
    const call = callOf.get(node.id);
    if (!call || isContainer(call.layer)) return [];
    const weighted = isWeighted(node);
    return {
      node,
      call,
      address: formatAddress(call.address),
      weighted,
      beforeRelu: node.step.kind === 'linear' && followedByRelu(graph, node),
      order: weighted ? order++ : null,
      before: before.get(node.id) ?? new Set(),
      after: after.get(node.id) ?? new Set(),
    };
  });
}

/** True for a linear step with a kernel that mixes inputs. */
export function isWeighted({ step }: StepNode): boolean {
  return step.kind === 'linear' && step.kernel !== null && step.diagonal !== true;
}

/** The weighted nodes that can be reached from each node along `next`; `nodes` come after what they lead to. */
function reachable(nodes: readonly StepNode[], next: (node: StepNode) => readonly number[]) {
  const reached = new Map<number, ReadonlySet<number>>();
  const weighted = new Set(nodes.filter(isWeighted).map((node) => node.id));
  for (const node of nodes) {
    const set = new Set<number>();
    for (const id of next(node)) {
      if (weighted.has(id)) set.add(id);
      for (const further of reached.get(id) ?? []) set.add(further);
    }
    reached.set(node.id, set);
  }
  return reached;
}
