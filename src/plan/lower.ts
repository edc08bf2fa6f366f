import { formatAddress } from '../address.js';
import { LrpError, type PlanProblem } from '../errors.js';
import type { Layer, LayerCall } from '../graph/call.js';
import type { Trace } from '../graph/trace.js';
import type { StepBuilder } from '../layers/adapter.js';
import type { Registry } from '../layers/registry.js';
import { nearestNames } from '../names.js';
import { type EdgeId, type StepGraph, type StepNode, withBodies } from '../steps/graph.js';
import { identityStep } from '../steps/identity.js';
import type { ScanStep } from '../steps/step.js';
import { formatShape } from '../tensors/shape.js';

/** A layer call with the edges it reads and makes, after lowering. */
export interface LoweredCall {
  readonly call: LayerCall;
  readonly inputs: readonly EdgeId[];
  readonly outputs: readonly EdgeId[];
  /** Ids of its steps. */
  readonly nodes: readonly number[];
}

/** The model as primitive steps. */
export interface Lowered {
  readonly graph: StepGraph;
  readonly calls: readonly LoweredCall[];
  readonly problems: readonly PlanProblem[];
  readonly nextEdge: EdgeId;
}

/**
 * Asks the registry for each call's adapter and collects the steps. Layers without an adapter, and adapters that
 * refuse, become problems; none is thrown here, so that all are reported together.
 */
export function lower(traced: Trace, registry: Registry): Lowered {
  const state: State = { nodes: [], renamed: new Map(), nextEdge: traced.nextEdge, nextNode: 0 };
  const problems: PlanProblem[] = [];
  const calls: LoweredCall[] = [];
  for (const { call, outputs } of traced.calls) {
    const inputs = call.inputs.map((edge) => resolve(state.renamed, edge));
    const first = state.nodes.length;
    const made = lowerCall(call, inputs, registry, state, problems);
    outputs.forEach((edge, index) => {
      const own = made?.[index];
      if (own !== undefined && own !== edge) state.renamed.set(edge, own);
    });
    calls.push({
      call,
      inputs,
      outputs: outputs.map((edge) => resolve(state.renamed, edge)),
      nodes: withBodies(state.nodes.slice(first)).map((node) => node.id),
    });
  }
  const graph = {
    nodes: state.nodes,
    inputs: traced.inputs.map((input) => input.edge),
    outputs: traced.outputs.map((output) => resolve(state.renamed, output.edge)),
  };
  return { graph, calls, problems, nextEdge: state.nextEdge };
}

interface State {
  readonly nodes: StepNode[];
  readonly renamed: Map<EdgeId, EdgeId>;
  nextEdge: EdgeId;
  nextNode: number;
}

function lowerCall(
  call: LayerCall,
  inputs: readonly EdgeId[],
  registry: Registry,
  state: State,
  problems: PlanProblem[],
): readonly EdgeId[] | null {
  const adapter = registry.resolve(call);
  if (!adapter) {
    problems.push(unknownLayer(call, registry));
    return null;
  }
  let outputs: readonly EdgeId[] | null = null;
  const { add, scan } = writer(call, state, state.nodes);
  try {
    adapter(call, { inputs, add, scan, output: (...edges) => (outputs = edges) });
  } catch (error) {
    // What an adapter throws on purpose is one more complaint of the plan; anything else is a bug and goes up.
    if (!(error instanceof LrpError) || error.code === 'disposed') throw error;
    problems.push({ address: formatAddress(call.address), layerType: call.className, message: error.message });
    return null;
  }
  const made = outputs as readonly EdgeId[] | null;
  if (made?.length !== call.outputShapes.length) problems.push(wrongOutputs(call, made?.length ?? 0));
  // A layer that hands its input on keeps a place of its own: others may read the same tensor.
  if (call.className === 'InputLayer' && call.address.path.length === 0) return made;
  return made?.map((edge) => (inputs.includes(edge) ? add(identityStep, [edge]) : edge)) ?? null;
}

/** Writes steps of a call into `nodes`, and the bodies of its scans into lists of their own. */
function writer(call: LayerCall, state: State, nodes: StepNode[]): Pick<StepBuilder, 'add' | 'scan'> {
  const add: StepBuilder['add'] = (step, inputs, role) => {
    const output = state.nextEdge++;
    const address = role === undefined ? call.address : { ...call.address, role };
    nodes.push({ id: state.nextNode++, address, step, inputs, output });
    return output;
  };
  const scan: StepBuilder['scan'] = (options, write) => {
    const slices = options.sequences.map(() => state.nextEdge++);
    const states = options.states.map(() => state.nextEdge++);
    const inside: StepNode[] = [];
    const outputs = write(writer(call, state, inside), slices, states);
    const step: ScanStep = {
      kind: 'scan',
      name: options.name,
      body: { nodes: inside, inputs: [...slices, ...states], outputs },
      sequences: options.sequences.length,
      states: options.states,
      extras: options.extras ?? [],
      backwards: options.backwards ?? false,
    };
    return add(step, [...options.sequences, ...(options.initial ?? [])], options.role);
  };
  return { add, scan };
}

function resolve(renamed: ReadonlyMap<EdgeId, EdgeId>, edge: EdgeId): EdgeId {
  let current = edge;
  for (let next = renamed.get(current); next !== undefined; next = renamed.get(current)) current = next;
  return current;
}

function unknownLayer(call: LayerCall, registry: Registry): PlanProblem {
  const address = formatAddress(call.address);
  const nearest = nearestNames(call.className, registry.classNames, 1)[0];
  const shapes = call.outputShapes.map(formatShape).join(', ');
  const message =
    `No adapter for layer "${call.layer.name}" (class ${call.className}, output ${shapes}) at ${address}. ` +
    `Nearest known class: ${nearest}. Pass { registry: defaultRegistry.with(${constructorName(call.layer)}, adapter) }.`;
  return { address, layerType: call.className, message };
}

function wrongOutputs(call: LayerCall, count: number): PlanProblem {
  const address = formatAddress(call.address);
  const message =
    `The adapter of layer "${call.layer.name}" (class ${call.className}) at ${address} named ${count} outputs, the layer ` +
    `has ${call.outputShapes.length}. Call to.output(...) once with one edge per output.`;
  return { address, layerType: call.className, message };
}

function constructorName(layer: Layer): string {
  return layer.constructor.name || `'${layer.getClassName()}'`;
}
