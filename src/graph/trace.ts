import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { formatCall } from '../address.js';
import { InternalError, PlanError } from '../errors.js';
import type { EdgeId } from '../steps/graph.js';
import type { SymbolicShape } from '../tensors/shape.js';
import { type Layer, type LayerCall, makeCall, type WeightPool } from './call.js';
import { runOrder } from './run-order.js';

/** A model input or output: its name, its symbolic tensor's shape, and the edge that carries it. */
export interface Port {
  readonly name: string;
  readonly shape: SymbolicShape;
  readonly dtype: string;
  readonly edge: EdgeId;
}

/** A layer call and the edges of its outputs. */
export interface TracedCall {
  readonly call: LayerCall;
  readonly outputs: readonly EdgeId[];
}

/**
 * One call that tfjs makes when the model runs: of a layer, or of a model inside, which runs calls of its own. A layer
 * with several outputs is called once per output that is read.
 */
export type Run = TracedCall | RunOfModel;

/** A model inside another being run. */
export interface RunOfModel {
  readonly outputs: readonly EdgeId[];
  readonly inputs: readonly EdgeId[];
  readonly runs: readonly Run[];
}

/** The model's call graph: nested models opened, a shared layer once per call, in an order that can be run. */
export interface Trace {
  readonly modelName: string;
  readonly calls: readonly TracedCall[];
  /** The calls as tfjs makes them. */
  readonly runs: readonly Run[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** First edge number nobody uses yet. */
  readonly nextEdge: EdgeId;
}

/** A model used as a layer, recognized by its shape since classes are not shared between copies of tfjs-layers. */
export interface Container extends Layer {
  readonly layers: Layer[];
  readonly inputs: SymbolicTensor[];
  readonly outputs: SymbolicTensor[];
}

/** True for Sequential and functional models, nested or not. */
export function isContainer(layer: Layer): layer is Container {
  const candidate = layer as Partial<Container>;
  return Array.isArray(candidate.layers) && Array.isArray(candidate.inputs) && Array.isArray(candidate.outputs);
}

/**
 * Follows `model.outputs` back to the inputs. Reads the graph only: no tensor is made and nothing of the model changes.
 *
 * @throws PlanError when the model has not been built.
 */
export function trace(model: LayersModel | Container): Trace {
  if (!Array.isArray((model as Partial<Container> | undefined)?.layers)) {
    throw new PlanError([
      {
        message:
          'This is no LayersModel: it has no layers. A graph model (loadGraphModel) keeps operations only and cannot be ' +
          'explained; convert the original with --output_format=tfjs_layers_model and load it with loadLayersModel.',
      },
    ]);
  }
  if (!isContainer(model) || model.outputs.length === 0) {
    throw new PlanError([
      {
        message: `The model "${model.name}" has no outputs yet. Give its first layer an inputShape, or call model.build(shape), before planning.`,
      },
    ]);
  }
  const tracer = new Tracer();
  const inputs = model.inputs.map((tensor, index) => port(tensor, inputName(model, index), tracer.newEdge()));
  const { edges, runs } = tracer.open(
    model,
    [],
    inputs.map((input) => input.edge),
  );
  const names = uniqueNames(model.outputs.map((tensor) => tensor.sourceLayer.name));
  const outputs = model.outputs.map((tensor, index) => port(tensor, at(names, index), at(edges, index)));
  return { modelName: model.name, calls: tracer.calls, runs, inputs, outputs, nextEdge: tracer.newEdge() };
}

type Node = Layer['inboundNodes'][number];

/** One model being traced, once per place it is called at. */
interface Opening {
  readonly path: readonly string[];
  /** The edges of its tensors. */
  readonly known: Map<SymbolicTensor, EdgeId>;
  /** The calls of its input layers. */
  readonly begin: Run[];
  /** The calls that make its other tensors. */
  readonly makers: Map<SymbolicTensor, Run>;
}

/** What a model that was opened has come to. */
interface Opened {
  readonly edges: readonly EdgeId[];
  readonly runs: readonly Run[];
}

const NO_ARGUMENTS = { callArgs: {}, argumentEdges: {} };

class Tracer {
  readonly calls: TracedCall[] = [];
  private readonly pool: WeightPool = new Map();
  private readonly visits = new Map<string, number>();
  private edges = 0;

  newEdge(): EdgeId {
    return this.edges++;
  }

  /** Traces a model in its own graph, its inputs bound to `inputs`; answers the edges of its outputs. */
  open(model: Container, path: readonly string[], inputs: readonly EdgeId[]): Opened {
    return this.follow(model, { path, known: new Map(), begin: [], makers: new Map() }, inputs);
  }

  private follow(model: Container, opening: Opening, inputs: readonly EdgeId[]): Opened {
    const { path, known, begin, makers } = opening;
    model.inputs.forEach((tensor, index) => {
      const edge = at(inputs, index);
      known.set(tensor, edge);
      if (startsInside(model)) return;
      // Inside another model the input is a tensor of its own: others may read what it is given.
      const own = path.length === 0 ? edge : this.newEdge();
      known.set(tensor, own);
      begin.push(this.record(tensor.sourceLayer, path, [edge], [tensor], [tensor], NO_ARGUMENTS, [own]));
    });
    this.openFirst(model, opening, inputs);
    const edges = model.outputs.map((tensor) => this.resolve(tensor, opening));
    const order = runOrder({ inputs: model.inputs, outputs: model.outputs, takes });
    return { edges, runs: [...begin, ...order.map((tensor) => makers.get(tensor)).filter((run) => run !== undefined)] };
  }

  /** A Sequential that begins with a model takes over that model's tensors; its calls still belong to its path. */
  private openFirst(model: Container, { path, known, begin, makers }: Opening, inputs: readonly EdgeId[]) {
    const [first] = model.layers;
    if (!first || !isContainer(first) || !startsInside(model)) return;
    const inner = { path: [...path, this.visit(first, path)], known: new Map(), begin, makers };
    const { edges } = this.follow(first, inner, inputs);
    first.outputs.forEach((tensor, index) => {
      known.set(tensor, at(edges, index));
    });
  }

  private resolve(tensor: SymbolicTensor, opening: Opening): EdgeId {
    const { path, known, makers } = opening;
    const edge = known.get(tensor);
    if (edge !== undefined) return edge;
    const layer: Layer = tensor.sourceLayer;
    const node = nodeOf(tensor);
    if (!node || node.inboundLayers.length === 0) {
      throw new InternalError(`tensor "${tensor.name}" of layer "${layer.name}" is reached from no model input`);
    }
    const inputs = node.inputTensors.map((input) => this.resolve(input, opening));
    const argumentEdges = Object.fromEntries(
      namedArguments(node).map(([name, argument]) => [name, this.resolve(argument, opening)]),
    );
    const run = isContainer(layer)
      ? this.runModel(layer, path, inputs)
      : this.callLayer(layer, path, inputs, node, argumentEdges);
    node.outputTensors.forEach((output, index) => {
      known.set(output, at(run.outputs, index));
      makers.set(output, run);
    });
    return this.resolve(tensor, opening);
  }

  private runModel(model: Container, path: readonly string[], inputs: readonly EdgeId[]): RunOfModel {
    const { edges, runs } = this.open(model, [...path, this.visit(model, path)], inputs);
    return { inputs, outputs: edges, runs };
  }

  private callLayer(
    layer: Layer,
    path: readonly string[],
    inputs: readonly EdgeId[],
    node: Node,
    argumentEdges: Readonly<Record<string, EdgeId>>,
  ): TracedCall {
    const outputs = node.outputTensors.map(() => this.newEdge());
    const args = { callArgs: node.callArgs ?? {}, argumentEdges };
    return this.record(layer, path, inputs, node.inputTensors, node.outputTensors, args, outputs);
  }

  private record(
    layer: Layer,
    path: readonly string[],
    inputs: readonly EdgeId[],
    inputTensors: readonly SymbolicTensor[],
    outputTensors: readonly SymbolicTensor[],
    args: Pick<LayerCall, 'callArgs' | 'argumentEdges'>,
    outputs: readonly EdgeId[],
  ): TracedCall {
    const call = this.countVisit(layer, path);
    const facts = {
      layer,
      address: { path, layer: layer.name, call },
      ...args,
      inputs,
      inputShapes: inputTensors.map((tensor) => tensor.shape),
      outputShapes: outputTensors.map((tensor) => tensor.shape),
    };
    const traced = { call: makeCall(facts, this.pool), outputs };
    this.calls.push(traced);
    return traced;
  }

  private visit(layer: Layer, path: readonly string[]): string {
    return formatCall(layer.name, this.countVisit(layer, path));
  }

  /** Numbers the calls of a layer inside its path in the order they are met; node indices count other models too. */
  private countVisit(layer: Layer, path: readonly string[]): number {
    const key = [...path, layer.name].join('/');
    const count = this.visits.get(key) ?? 0;
    this.visits.set(key, count + 1);
    return count;
  }
}

/** The call that made a tensor. */
function nodeOf({ sourceLayer, nodeIndex }: SymbolicTensor): Node | undefined {
  const layer: Layer = sourceLayer;
  return layer.inboundNodes[nodeIndex];
}

/** Tensors that a call takes by name and that are not among its inputs, such as a mask of attention. */
function namedArguments({ callArgs }: Node): [name: string, tensor: SymbolicTensor][] {
  return Object.entries(callArgs ?? {}).filter((entry): entry is [string, SymbolicTensor] => isSymbolic(entry[1]));
}

/** All that the call which made a tensor takes. */
function takes(tensor: SymbolicTensor): SymbolicTensor[] {
  const node = nodeOf(tensor);
  return node ? [...node.inputTensors, ...namedArguments(node).map(([, argument]) => argument)] : [];
}

/** True for a Sequential whose first layer is a model: both then share their input tensors. */
function startsInside(model: Container): boolean {
  const [first] = model.layers;
  return first !== undefined && isContainer(first) && first.inputs[0] === model.inputs[0];
}

/** True for a tensor of a model's graph; not `instanceof`, since classes are not shared between copies of tfjs-layers. */
function isSymbolic(value: unknown): value is SymbolicTensor {
  return typeof value === 'object' && value !== null && 'sourceLayer' in value && 'nodeIndex' in value;
}

function port(tensor: SymbolicTensor, name: string, edge: EdgeId): Port {
  return { name, shape: tensor.shape, dtype: tensor.dtype, edge };
}

function inputName(model: Container, index: number): string {
  return at(model.inputs, index).sourceLayer.name;
}

/** Several outputs of one layer are told apart by a number. */
function uniqueNames(names: readonly string[]): string[] {
  return names.map((name, index) => {
    if (names.indexOf(name) === names.lastIndexOf(name)) return name;
    return `${name}:${names.slice(0, index).filter((other) => other === name).length}`;
  });
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new InternalError(`nothing at position ${index} of ${list.length}`);
  return value;
}
