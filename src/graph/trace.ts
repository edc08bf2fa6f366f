import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { formatCall } from '../address.js';
import { InternalError, PlanError } from '../errors.js';
import type { EdgeId } from '../steps/graph.js';
import type { SymbolicShape } from '../tensors/shape.js';
import { type Layer, type LayerCall, makeCall, type WeightPool } from './call.js';

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

/** The model's call graph: nested models opened, a shared layer once per call, in an order that can be run. */
export interface Trace {
  readonly modelName: string;
  readonly calls: readonly TracedCall[];
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
  const edges = tracer.open(
    model,
    [],
    inputs.map((input) => input.edge),
  );
  const names = uniqueNames(model.outputs.map((tensor) => tensor.sourceLayer.name));
  const outputs = model.outputs.map((tensor, index) => port(tensor, at(names, index), at(edges, index)));
  return { modelName: model.name, calls: tracer.calls, inputs, outputs, nextEdge: tracer.newEdge() };
}

class Tracer {
  readonly calls: TracedCall[] = [];
  private readonly pool: WeightPool = new Map();
  private readonly visits = new Map<string, number>();
  private edges = 0;

  newEdge(): EdgeId {
    return this.edges++;
  }

  /** Traces a model in its own graph, its inputs bound to `inputs`; answers the edges of its outputs. */
  open(model: Container, path: readonly string[], inputs: readonly EdgeId[]): EdgeId[] {
    const known = new Map<SymbolicTensor, EdgeId>();
    model.inputs.forEach((tensor, index) => {
      known.set(tensor, at(inputs, index));
      if (!startsInside(model)) this.record(tensor.sourceLayer, path, [at(inputs, index)], [tensor], [tensor]);
    });
    this.openFirst(model, path, inputs, known);
    return model.outputs.map((tensor) => this.resolve(tensor, path, known));
  }

  /** A Sequential that begins with a model takes over that model's tensors; its calls still belong to its path. */
  private openFirst(
    model: Container,
    path: readonly string[],
    inputs: readonly EdgeId[],
    known: Map<SymbolicTensor, EdgeId>,
  ) {
    const [first] = model.layers;
    if (!first || !isContainer(first) || !startsInside(model)) return;
    const edges = this.open(first, [...path, this.visit(first, path)], inputs);
    first.outputs.forEach((tensor, index) => {
      known.set(tensor, at(edges, index));
    });
  }

  private resolve(tensor: SymbolicTensor, path: readonly string[], known: Map<SymbolicTensor, EdgeId>): EdgeId {
    const edge = known.get(tensor);
    if (edge !== undefined) return edge;
    const layer: Layer = tensor.sourceLayer;
    const node = layer.inboundNodes[tensor.nodeIndex];
    if (!node || node.inboundLayers.length === 0) {
      throw new InternalError(`tensor "${tensor.name}" of layer "${layer.name}" is reached from no model input`);
    }
    const inputs = node.inputTensors.map((input) => this.resolve(input, path, known));
    // A layer may take tensors by name that are not among its inputs, such as a mask of attention.
    const named = Object.entries(node.callArgs ?? {}).filter((entry): entry is [string, SymbolicTensor] =>
      isSymbolic(entry[1]),
    );
    const argumentEdges = Object.fromEntries(
      named.map(([name, argument]) => [name, this.resolve(argument, path, known)]),
    );
    const outputs = isContainer(layer)
      ? this.open(layer, [...path, this.visit(layer, path)], inputs)
      : this.callLayer(layer, path, inputs, node, argumentEdges);
    node.outputTensors.forEach((output, index) => {
      known.set(output, at(outputs, index));
    });
    return this.resolve(tensor, path, known);
  }

  private callLayer(
    layer: Layer,
    path: readonly string[],
    inputs: readonly EdgeId[],
    node: Layer['inboundNodes'][number],
    argumentEdges: Readonly<Record<string, EdgeId>>,
  ) {
    const outputs = node.outputTensors.map(() => this.newEdge());
    const args = { callArgs: node.callArgs ?? {}, argumentEdges };
    this.record(layer, path, inputs, node.inputTensors, node.outputTensors, args, outputs);
    return outputs;
  }

  private record(
    layer: Layer,
    path: readonly string[],
    inputs: readonly EdgeId[],
    inputTensors: readonly SymbolicTensor[],
    outputTensors: readonly SymbolicTensor[],
    args: Pick<LayerCall, 'callArgs' | 'argumentEdges'> = { callArgs: {}, argumentEdges: {} },
    outputs: readonly EdgeId[] = inputs,
  ): void {
    const call = this.countVisit(layer, path);
    const facts = {
      layer,
      address: { path, layer: layer.name, call },
      ...args,
      inputs,
      inputShapes: inputTensors.map((tensor) => tensor.shape),
      outputShapes: outputTensors.map((tensor) => tensor.shape),
    };
    this.calls.push({ call: makeCall(facts, this.pool), outputs });
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
