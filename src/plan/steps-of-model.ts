import { formatAddress } from '../address.js';
import type { Rewritten } from '../canonize/rewrite.js';
import type { LayerCall } from '../graph/call.js';
import { isContainer } from '../graph/trace.js';
import { consumersOf, type EdgeId, producersOf, type StepGraph, type StepNode, withBodies } from '../steps/graph.js';
import { followedByRelu } from './facts.js';
import type { LoweredCall } from './lower.js';

/** A step with all that a match may ask about it. */
export interface StepInfo {
  readonly node: StepNode;
  readonly call: LayerCall;
  /** The layer it is part of where that is another one inside: a cell, the layer in a wrapper. Else as `call`. */
  readonly inner: LayerCall;
  /** All layers it is part of, from `call` to `inner`: Bidirectional, LSTM, LSTMCell. */
  readonly within: readonly LayerCall[];
  /** Address without role, as printed. */
  readonly address: string;
  /** A linear step with a kernel that mixes inputs (not a batch normalization). */
  readonly weighted: boolean;
  readonly beforeRelu: boolean;
  /** Which operand of a product comes from a softmax, the weights of attention; null where none does, or several. */
  readonly softmaxOperand: number | null;
  /** True inside the body of a scan. */
  readonly repeated: boolean;
  /**
   * Weighted steps from which the signal comes, and to which a path leads from here, by node. What only opens or closes
   * a gate on the signal's way does not come before: all gates of a GRU are as near to its input.
   */
  readonly before: ReadonlySet<number>;
  readonly after: ReadonlySet<number>;
}

/** Everything matches and checks need to know of each step, in the order of the graph, bodies of scans included. */
export function describeSteps({ graph }: Rewritten, calls: readonly LoweredCall[]): StepInfo[] {
  const callOf = new Map(
    calls.flatMap(({ call, nodes, inner }) =>
      nodes.map((node) => {
        const within = [call, ...(inner.get(node) ?? [])];
        return [node, { call, inner: within[within.length - 1] ?? call, within }] as const;
      }),
    ),
  );
  return describeGraph(graph, callOf, { before: new Set(), after: new Set(), repeated: false });
}

type Around = Pick<StepInfo, 'before' | 'after' | 'repeated'>;

type Calls = Pick<StepInfo, 'call' | 'inner' | 'within'>;

function describeGraph(graph: StepGraph, callOf: ReadonlyMap<number, Calls>, around: Around): StepInfo[] {
  const producers = producersOf(graph);
  const consumers = consumersOf(graph);
  const before = reachable(graph.nodes, (node) => signalsOf(node).flatMap((edge) => producers.get(edge) ?? []));
  const after = reachable([...graph.nodes].reverse(), (node) => consumers.get(node.output) ?? []);
  return graph.nodes.flatMap((node): StepInfo[] => {
    const calls = callOf.get(node.id);
    if (!calls || isContainer(calls.call.layer)) return [];
    const info: StepInfo = {
      node,
      ...calls,
      address: formatAddress(calls.call.address),
      weighted: isWeighted(node),
      beforeRelu: node.step.kind === 'linear' && followedByRelu(graph, node),
      softmaxOperand: node.step.kind === 'bilinear' ? softmaxOperand(node, producers) : null,
      repeated: around.repeated,
      before: new Set([...around.before, ...(before.get(node.id) ?? [])]),
      after: new Set([...around.after, ...(after.get(node.id) ?? [])]),
    };
    if (node.step.kind !== 'scan') return [info];
    return [info, ...describeGraph(node.step.body, callOf, { ...info, repeated: true })];
  });
}

/** The only operand that is the output of a softmax, moved about at most. */
function softmaxOperand(node: StepNode, producers: ReadonlyMap<EdgeId, StepNode>): number | null {
  const found = node.inputs.flatMap((edge, operand) => (comesFromSoftmax(edge, producers) ? [operand] : []));
  const [only = null] = found;
  return found.length === 1 ? only : null;
}

function comesFromSoftmax(edge: EdgeId, producers: ReadonlyMap<EdgeId, StepNode>): boolean {
  const producer = producers.get(edge);
  if (producer?.step.kind === 'softmax') return !producer.step.logarithm;
  return producer?.step.kind === 'relabel' && producer.inputs.every((input) => comesFromSoftmax(input, producers));
}

/** True for a linear step with a kernel that mixes inputs. */
export function isWeighted({ step }: StepNode): boolean {
  return step.kind === 'linear' && step.kernel !== null && step.diagonal !== true;
}

/** The inputs of a step without the gates of a product. */
function signalsOf({ step, inputs }: StepNode): readonly EdgeId[] {
  if (step.kind !== 'bilinear' || step.signal === undefined) return inputs;
  return inputs.slice(step.signal, step.signal + 1);
}

/** The weighted nodes that can be reached from each node along `next`; `nodes` come after what they lead to. */
function reachable(nodes: readonly StepNode[], next: (node: StepNode) => readonly StepNode[]) {
  const reached = new Map<number, ReadonlySet<number>>();
  for (const node of nodes) {
    const set = new Set<number>();
    for (const other of next(node)) {
      for (const { id } of withBodies([other]).filter(isWeighted)) set.add(id);
      for (const further of reached.get(other.id) ?? []) set.add(further);
    }
    reached.set(node.id, set);
  }
  return reached;
}
