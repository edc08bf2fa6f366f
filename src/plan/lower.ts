import type { PlanProblem } from '../errors.js';
import type { LayerCall } from '../graph/call.js';
import type { Trace, TracedCall } from '../graph/trace.js';
import type { Registry } from '../layers/registry.js';
import { type EdgeId, type StepGraph, type StepNode, withBodies } from '../steps/graph.js';
import { identityStep } from '../steps/identity.js';
import { followRuns, HandedMask } from './handed-mask.js';
import { inReadingOrder, type Written } from './reading-order.js';
import { builderAt, type Context, ownMasks, type Place, resolve, type State, writeCall } from './write-steps.js';

/** A layer call with the edges it reads and makes, after lowering. */
export interface LoweredCall {
  readonly call: LayerCall;
  readonly inputs: readonly EdgeId[];
  readonly outputs: readonly EdgeId[];
  /** Ids of its steps. */
  readonly nodes: readonly number[];
  /** The calls of the inner layers that a step belongs to, by node, from the outside in: what a wrapper holds, its cell. */
  readonly inner: ReadonlyMap<number, readonly LayerCall[]>;
  /** The masks of its inputs, or null. */
  readonly masks: readonly (EdgeId | null)[];
  /** The mask that tfjs hands to the layer; see {@link StepBuilder.handedMask}. */
  readonly handedMask: EdgeId | null;
  /** Edges of the tensors it takes by name. */
  readonly argumentEdges: Readonly<Record<string, EdgeId>>;
}

/** The model as primitive steps. */
export interface Lowered {
  readonly graph: StepGraph;
  /** Each after those whose edges it reads, masks included. */
  readonly calls: readonly LoweredCall[];
  readonly problems: readonly PlanProblem[];
  readonly nextEdge: EdgeId;
}

/**
 * Asks the registry for each call's adapter and collects the steps. Layers without an adapter, and adapters that
 * refuse, become problems; none is thrown here, so that all are reported together.
 */
export function lower(traced: Trace, registry: Registry): Lowered {
  const state: State = {
    renamed: new Map(),
    nextEdge: traced.nextEdge,
    nextNode: 0,
    masks: new Map(),
    inner: new Map(),
  };
  const problems: PlanProblem[] = [];
  const done = new Map<TracedCall, Done>();
  followRuns(traced.runs, new HandedMask(), ownMasks(state), (run, handed) => {
    if (!done.has(run)) done.set(run, lowerTraced(run, handed.mask, { registry, state, problems }));
  });
  const inOrder = inReadingOrder(traced.calls.flatMap((call) => done.get(call) ?? []));
  const graph = {
    nodes: inOrder.flatMap(({ nodes }) => nodes),
    inputs: traced.inputs.map((input) => input.edge),
    outputs: traced.outputs.map((output) => resolve(state.renamed, output.edge)),
  };
  return { graph, calls: inOrder.map(({ lowered }) => lowered), problems, nextEdge: state.nextEdge };
}

/** A call that has been lowered, and its steps. */
interface Done extends Written {
  readonly lowered: LoweredCall;
}

/** Lowers a call of the model's own graph. */
function lowerTraced(
  { call, outputs }: TracedCall,
  handedMask: EdgeId | null,
  { registry, state, problems }: Pick<Context, 'registry' | 'state' | 'problems'>,
): Done {
  const inputs = call.inputs.map((edge) => resolve(state.renamed, edge));
  const masks = inputs.map((edge) => state.masks.get(edge) ?? null);
  const nodes: StepNode[] = [];
  const place = { call, inner: [], nodes, prefix: '', handedMask: () => handedMask };
  const made = lowerCall(inputs, place, { outer: call, registry, state, problems });
  outputs.forEach((edge, index) => {
    const own = made?.[index];
    if (own !== undefined && own !== edge) state.renamed.set(edge, own);
  });
  const lowered = {
    call,
    inputs,
    outputs: outputs.map((edge) => resolve(state.renamed, edge)),
    nodes: withBodies(nodes).map((node) => node.id),
    inner: state.inner,
    masks,
    handedMask,
    argumentEdges: Object.fromEntries(
      Object.entries(call.argumentEdges).map(([name, edge]) => [name, resolve(state.renamed, edge)]),
    ),
  };
  return { lowered, nodes, handedMask };
}

function lowerCall(inputs: readonly EdgeId[], place: Place, context: Context): readonly EdgeId[] | null {
  const { call } = place;
  const { masks } = context.state;
  const made = writeCall(inputs, place, context);
  if (!made) return null;
  // A layer that hands its input on keeps a place of its own: others may read the same tensor.
  if (call.className === 'InputLayer' && call.address.path.length === 0) return made;
  const { add } = builderAt(place, context);
  return made.map((edge) => {
    if (!inputs.includes(edge)) return edge;
    const own = add(identityStep, [edge]);
    const mask = call.layer.supportsMasking ? masks.get(edge) : undefined;
    if (mask !== undefined) masks.set(own, mask);
    return own;
  });
}
