import { formatAddress } from '../address.js';
import { LrpError, type PlanProblem } from '../errors.js';
import { innerCall, type LayerCall } from '../graph/call.js';
import { type Container, isContainer, type Trace, trace } from '../graph/trace.js';
import type { BodyBuilder } from '../layers/adapter.js';
import type { Registry } from '../layers/registry.js';
import { type EdgeId, type StepGraph, type StepNode, withBodies } from '../steps/graph.js';
import { identityStep } from '../steps/identity.js';
import { bothMasksStep } from '../steps/mask.js';
import type { ScanStep } from '../steps/step.js';
import { unknownLayer, wrongOutputs } from './lower-problems.js';

/** A layer call with the edges it reads and makes, after lowering. */
export interface LoweredCall {
  readonly call: LayerCall;
  readonly inputs: readonly EdgeId[];
  readonly outputs: readonly EdgeId[];
  /** Ids of its steps. */
  readonly nodes: readonly number[];
  /** The call of the inner layer that a step belongs to, by node: a cell, what a wrapper holds. */
  readonly inner: ReadonlyMap<number, LayerCall>;
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
    nodes: [],
    renamed: new Map(),
    nextEdge: traced.nextEdge,
    nextNode: 0,
    masks: new Map(),
    handed: new Map(),
    inner: new Map(),
  };
  const problems: PlanProblem[] = [];
  const calls: LoweredCall[] = [];
  for (const { call, outputs } of traced.calls) {
    const inputs = call.inputs.map((edge) => resolve(state.renamed, edge));
    const first = state.nodes.length;
    const masks = inputs.map((edge) => state.masks.get(edge) ?? null);
    const handedMask = handedMaskOf(inputs, state);
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
      inner: state.inner,
      masks,
      handedMask,
      argumentEdges: Object.fromEntries(
        Object.entries(call.argumentEdges).map(([name, edge]) => [name, resolve(state.renamed, edge)]),
      ),
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
  /** Masks by the edge they belong to. */
  readonly masks: Map<EdgeId, EdgeId>;
  /** The mask that the maker of an edge was handed, by edge. */
  readonly handed: Map<EdgeId, EdgeId>;
  /** Calls of inner layers by the steps they wrote. */
  readonly inner: Map<number, LayerCall>;
}

/** The mask that tfjs hands to a layer with these inputs; see {@link StepBuilder.handedMask}. */
function handedMaskOf(inputs: readonly EdgeId[], { masks, handed }: State): EdgeId | null {
  const own = inputs.map((edge) => masks.get(edge) ?? null);
  if (own.some((mask) => mask !== null)) return own[0] ?? null;
  // tfjs runs the branch of the first input last.
  return inputs.map((edge) => handed.get(edge)).find((mask) => mask !== undefined) ?? null;
}

/** tfjs does not take a mask back: layers after this one are handed it, unless their input has another. */
function handOn(mask: EdgeId | null, outputs: readonly EdgeId[], { handed }: State): void {
  if (mask !== null) for (const edge of outputs) handed.set(edge, mask);
}

function lowerCall(
  call: LayerCall,
  inputs: readonly EdgeId[],
  registry: Registry,
  state: State,
  problems: PlanProblem[],
): readonly EdgeId[] | null {
  const context: Context = { outer: call, registry, state, problems };
  const place: Place = { call, nodes: state.nodes, prefix: '' };
  const made = runAdapter(call, inputs, writer(context, place), context);
  if (!made) return null;
  // A layer that hands its input on keeps a place of its own: others may read the same tensor.
  if (call.className === 'InputLayer' && call.address.path.length === 0) return made;
  const { add } = writer(context, place);
  return made.map((edge) => {
    if (!inputs.includes(edge)) return edge;
    const own = add(identityStep, [edge]);
    const mask = call.layer.supportsMasking ? state.masks.get(edge) : undefined;
    if (mask !== undefined) state.masks.set(own, mask);
    handOn(handedMaskOf([edge], state), [own], state);
    return own;
  });
}

/** The layer call being lowered, and where everything goes. */
interface Context {
  readonly outer: LayerCall;
  readonly registry: Registry;
  readonly state: State;
  readonly problems: PlanProblem[];
}

/** Where steps are written: which call's, into which list, and what stands before their roles. */
interface Place {
  readonly call: LayerCall;
  readonly nodes: StepNode[];
  readonly prefix: string;
}

/** Thrown up to the outer call's adapter, which cannot go on; the complaint has been made already. */
class InnerFailure extends LrpError {}

/** Has a call's adapter write its steps; null, with a complaint, when there is none or it refuses. */
function runAdapter(
  call: LayerCall,
  inputs: readonly EdgeId[],
  body: BodyBuilder,
  context: Context,
  read: (edge: EdgeId) => EdgeId = (edge) => resolve(context.state.renamed, edge),
): readonly EdgeId[] | null {
  const { registry, problems, state } = context;
  const adapter = registry.resolve(call);
  if (!adapter) {
    problems.push(unknownLayer(call, registry));
    return null;
  }
  const handedMask = handedMaskOf(inputs, state);
  let outputs: readonly EdgeId[] = [];
  let said: EdgeId | null | undefined;
  const mask = (edge: EdgeId | null) => {
    said = edge;
  };
  const output = (...edges: readonly EdgeId[]) => {
    outputs = edges;
  };
  const argument = (name: string) => {
    const edge = call.argumentEdges[name];
    return edge === undefined ? null : read(edge);
  };
  try {
    adapter(call, { ...body, inputs, handedMask, argument, mask, output });
    const carried = said === undefined ? inheritedMask(call, inputs, body) : said;
    carryMask(carried, outputs, inputs, state);
    handOn(handedMask, outputs, state);
  } catch (error) {
    if (error instanceof InnerFailure) return null;
    // What an adapter throws on purpose is one more complaint of the plan; anything else is a bug and goes up.
    if (!(error instanceof LrpError) || error.code === 'disposed') throw error;
    problems.push({ address: formatAddress(call.address), layerType: call.className, message: error.message });
    return null;
  }
  if (outputs.length === call.outputShapes.length) return outputs;
  problems.push(wrongOutputs(call, outputs.length));
  return null;
}

/** Outputs carry the layer's mask, or none: not the one an inner layer gave them. Handed-on inputs keep their own. */
function carryMask(mask: EdgeId | null, outputs: readonly EdgeId[], inputs: readonly EdgeId[], { masks }: State): void {
  for (const edge of outputs) {
    if (inputs.includes(edge)) continue;
    if (mask === null) masks.delete(edge);
    else masks.set(edge, mask);
  }
}

/** The mask a layer carries on when its adapter says nothing: its inputs', all of them together. */
function inheritedMask(call: LayerCall, inputs: readonly EdgeId[], { add, maskOf }: BodyBuilder): EdgeId | null {
  if (!call.layer.supportsMasking) return null;
  const masks = [...new Set(inputs.map(maskOf).filter((mask) => mask !== null))];
  const [first = null, ...rest] = masks;
  return rest.reduce<EdgeId | null>(
    (known, mask) => (known === null ? mask : add(bothMasksStep(), [known, mask], 'mask')),
    first,
  );
}

/** Writes steps of a call into `nodes`, and the bodies of its scans into lists of their own. */
function writer(context: Context, place: Place): BodyBuilder {
  const { outer, state } = context;
  const { call, nodes, prefix } = place;
  const add: BodyBuilder['add'] = (step, inputs, role) => {
    const output = state.nextEdge++;
    const full = [prefix, role].filter(Boolean).join('.');
    const address = full === '' ? outer.address : { ...outer.address, role: full };
    const id = state.nextNode++;
    nodes.push({ id, address, step, inputs, output });
    if (call !== outer) state.inner.set(id, call);
    return output;
  };
  const scan: BodyBuilder['scan'] = (options, write) => {
    const slices = options.sequences.map(() => state.nextEdge++);
    const states = options.states.map(() => state.nextEdge++);
    const inside: StepNode[] = [];
    const { states: after, extras = [] } = write(writer(context, { ...place, nodes: inside }), slices, states);
    const step: ScanStep = {
      kind: 'scan',
      name: options.name,
      body: {
        nodes: inside,
        inputs: [...slices, ...states],
        outputs: [...after, ...extras.map((extra) => extra.edge)],
      },
      sequences: options.sequences.length,
      states: options.states,
      extras: extras.map((extra) => extra.shape),
      backwards: options.backwards ?? false,
    };
    return add(step, [...options.sequences, ...(options.initial ?? [])], options.role);
  };
  const apply: BodyBuilder['apply'] = (layer, inputs, { role = '', ...told } = {}) => {
    const within = { ...place, prefix: [prefix, role].filter(Boolean).join('.') };
    return isContainer(layer)
      ? applyModel(layer, inputs, within, context)
      : applyCall(innerCall(layer, outer, inputs, told), inputs, within, context);
  };
  return { add, scan, apply, maskOf: (edge) => state.masks.get(edge) ?? null };
}

/** Lowers one layer's call in the place of another. `read` says which edge stands for one of the call's arguments. */
function applyCall(
  call: LayerCall,
  inputs: readonly EdgeId[],
  place: Place,
  context: Context,
  read?: (edge: EdgeId) => EdgeId,
): readonly EdgeId[] {
  const made = runAdapter(call, inputs, writer(context, { ...place, call }), context, read);
  if (made) return made;
  throw new InnerFailure(
    'plan',
    `Layer "${call.layer.name}" (class ${call.className}) inside it could not be lowered.`,
  );
}

/** Lowers a model in the place of a layer, call by call of its own graph. */
function applyModel(model: Container, inputs: readonly EdgeId[], place: Place, context: Context): readonly EdgeId[] {
  const inner = trace(model);
  const known = new Map(inner.inputs.map((port, index) => [port.edge, inputs[index] ?? port.edge]));
  const read = (edge: EdgeId) => known.get(edge) ?? edge;
  for (const { call, outputs } of inner.calls) {
    const prefix = [place.prefix, formatAddress(call.address)].filter(Boolean).join('.');
    const made = applyCall(call, call.inputs.map(read), { ...place, prefix }, context, read);
    for (const [index, edge] of outputs.entries()) known.set(edge, made[index] ?? edge);
  }
  return inner.outputs.map((port) => read(port.edge));
}

function resolve(renamed: ReadonlyMap<EdgeId, EdgeId>, edge: EdgeId): EdgeId {
  let current = edge;
  for (let next = renamed.get(current); next !== undefined; next = renamed.get(current)) current = next;
  return current;
}
