import { formatAddress } from '../address.js';
import { LrpError, type PlanProblem } from '../errors.js';
import { innerCall, type LayerCall } from '../graph/call.js';
import { type Container, isContainer, type TracedCall, trace } from '../graph/trace.js';
import type { BodyBuilder } from '../layers/adapter.js';
import type { Registry } from '../layers/registry.js';
import type { EdgeId, StepNode } from '../steps/graph.js';
import { bothMasksStep, maskEachTimeStep } from '../steps/mask.js';
import type { ScanStep } from '../steps/step.js';
import { type EdgeMasks, followRuns, HandedMask } from './handed-mask.js';
import { unknownLayer, wrongOutputs } from './lower-problems.js';
import { inReadingOrder, type Written } from './reading-order.js';

/** What lowering has come to so far. */
export interface State {
  readonly renamed: Map<EdgeId, EdgeId>;
  nextEdge: EdgeId;
  nextNode: number;
  /** Masks by the edge they belong to. */
  readonly masks: Map<EdgeId, EdgeId>;
  /** Calls of inner layers by the steps they wrote, each inside the one before it. */
  readonly inner: Map<number, readonly LayerCall[]>;
}

/** The layer call being lowered, and where everything goes. */
export interface Context {
  readonly outer: LayerCall;
  readonly registry: Registry;
  readonly state: State;
  readonly problems: PlanProblem[];
}

/** Where steps are written: which call's, into which list, and what stands before their roles. */
export interface Place {
  readonly call: LayerCall;
  /** The inner layers' calls down to this one; none where it is one of the model's own. */
  readonly inner: readonly LayerCall[];
  readonly nodes: StepNode[];
  readonly prefix: string;
  /** The mask that the call is handed; asking may add steps. */
  readonly handedMask: () => EdgeId | null;
}

/** Thrown up to the outer call's adapter, which cannot go on; the complaint has been made already. */
class InnerFailure extends LrpError {}

/** Has a call's adapter write its steps; null, with a complaint, when there is none or it refuses. */
export function writeCall(
  inputs: readonly EdgeId[],
  place: Place,
  context: Context,
  read: (edge: EdgeId) => EdgeId = (edge) => resolve(context.state.renamed, edge),
): readonly EdgeId[] | null {
  const { registry, problems, state } = context;
  const { call } = place;
  const adapter = registry.resolve(call);
  if (!adapter) {
    problems.push(unknownLayer(call, registry));
    return null;
  }
  const body = builderAt(place, context);
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
    adapter(call, {
      ...body,
      inputs,
      get handedMask() {
        return place.handedMask();
      },
      argument,
      mask,
      output,
    });
    const carried = said === undefined ? inheritedMask(call, inputs, body) : said;
    carryMask(carried, outputs, inputs, state);
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
export function builderAt(place: Place, context: Context): BodyBuilder {
  const { outer, state } = context;
  const { inner, nodes, prefix } = place;
  const add: BodyBuilder['add'] = (step, inputs, role) => {
    const output = state.nextEdge++;
    const full = [prefix, role].filter(Boolean).join('.');
    const address = full === '' ? outer.address : { ...outer.address, role: full };
    const id = state.nextNode++;
    nodes.push({ id, address, step, inputs, output });
    if (inner.length > 0) state.inner.set(id, inner);
    return output;
  };
  const scan: BodyBuilder['scan'] = (options, write) => {
    const sequences = [...options.sequences];
    const slices = sequences.map(() => state.nextEdge++);
    const states = options.states.map(() => state.nextEdge++);
    const nodes: StepNode[] = [];
    const handedMask = options.handsOnMask ? once(() => handInto({ place, sequences, slices }, context)) : () => null;
    const body = builderAt({ ...place, nodes, handedMask }, context);
    const { states: after, extras = [] } = write(body, [...slices], states);
    const step: ScanStep = {
      kind: 'scan',
      name: options.name,
      body: {
        nodes,
        inputs: [...slices, ...states],
        outputs: [...after, ...extras.map((extra) => extra.edge)],
      },
      sequences: sequences.length,
      states: options.states,
      extras: extras.map((extra) => extra.shape),
      backwards: options.backwards ?? false,
    };
    return add(step, [...sequences, ...(options.initial ?? [])], options.role);
  };
  const apply: BodyBuilder['apply'] = (layer, inputs, { role = '', ...told } = {}) => {
    const within = { ...place, prefix: [prefix, role].filter(Boolean).join('.') };
    if (isContainer(layer)) return applyModel(layer, inputs, within, context);
    const call = innerCall(layer, outer, inputs, told);
    return applyCall(inputs, { ...within, call, inner: [...inner, call] }, context);
  };
  return { add, scan, apply, maskOf: (edge) => state.masks.get(edge) ?? null };
}

/** A scan being written: the sequences that it reads, and the edges of their slices. */
interface OpenScan {
  readonly place: Place;
  readonly sequences: EdgeId[];
  readonly slices: EdgeId[];
}

/** Takes the mask that a layer is handed into its scan, whole at every time step; answers its edge there. */
function handInto({ place, sequences, slices }: OpenScan, context: Context): EdgeId | null {
  const mask = place.handedMask();
  const [sequence] = sequences;
  if (mask === null || sequence === undefined) return null;
  sequences.push(builderAt(place, context).add(maskEachTimeStep(), [mask, sequence], 'mask'));
  const slice = context.state.nextEdge++;
  slices.push(slice);
  return slice;
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** Lowers one layer's call in the place of another. `read` says which edge stands for one of the call's arguments. */
function applyCall(
  inputs: readonly EdgeId[],
  place: Place,
  context: Context,
  read?: (edge: EdgeId) => EdgeId,
): readonly EdgeId[] {
  const made = writeCall(inputs, place, context, read);
  if (made) return made;
  const { layer, className } = place.call;
  throw new InnerFailure('plan', `Layer "${layer.name}" (class ${className}) inside it could not be lowered.`);
}

/** Lowers a model in the place of a layer, call by call of its own graph. */
function applyModel(model: Container, inputs: readonly EdgeId[], place: Place, context: Context): readonly EdgeId[] {
  const inner = trace(model);
  const known = new Map(inner.inputs.map((port, index) => [port.edge, inputs[index] ?? port.edge]));
  const read = (edge: EdgeId) => known.get(edge) ?? edge;
  const written = new Map<TracedCall, Written>();
  followRuns(inner.runs, new HandedMask(true, place.handedMask), ownMasks(context.state, read), (run, handed) => {
    if (written.has(run)) return;
    const { call, outputs } = run;
    const nodes: StepNode[] = [];
    const prefix = [place.prefix, formatAddress(call.address)].filter(Boolean).join('.');
    const within = { call, inner: [...place.inner, call], nodes, prefix, handedMask: () => handed.mask };
    const made = applyCall(call.inputs.map(read), within, context, read);
    written.set(run, { nodes, handedMask: null });
    for (const [index, edge] of outputs.entries()) known.set(edge, made[index] ?? edge);
  });
  const inOrder = inReadingOrder(inner.calls.flatMap((call) => written.get(call) ?? []));
  place.nodes.push(...inOrder.flatMap(({ nodes }) => nodes));
  return inner.outputs.map((port) => read(port.edge));
}

/** The masks of a trace's edges, as lowering knows them. */
export function ownMasks(
  { masks, renamed }: State,
  read: (edge: EdgeId) => EdgeId = (edge) => resolve(renamed, edge),
): EdgeMasks {
  return { get: (edge) => masks.get(read(edge)) ?? null, drop: (edge) => masks.delete(read(edge)) };
}

/** The edge that stands for another now. */
export function resolve(renamed: ReadonlyMap<EdgeId, EdgeId>, edge: EdgeId): EdgeId {
  let current = edge;
  for (let next = renamed.get(current); next !== undefined; next = renamed.get(current)) current = next;
  return current;
}
