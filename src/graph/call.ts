import type { Tensor } from '@tensorflow/tfjs-core';
import type { layers } from '@tensorflow/tfjs-layers';
import { type Address, formatAddress } from '../address.js';
import { DisposedError, InternalError } from '../errors.js';
import { listNames } from '../names.js';
import type { EdgeId } from '../steps/graph.js';
import type { SymbolicShape } from '../tensors/shape.js';
import { variableWeight, type Weight } from '../tensors/weight.js';

/** A tfjs layer; classes are told apart by `getClassName()`, since two copies of the package may be installed. */
export type Layer = layers.Layer;

/** One call of one layer in the model's graph: what an adapter sees. */
export interface LayerCall {
  /** The layer itself. */
  readonly layer: Layer;
  /** `Dense`, `Conv2D`, ... as `layer.getClassName()` says. */
  readonly className: string;
  /** Which call of which layer. */
  readonly address: Address;
  /** What `layer.getConfig()` answers. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Arguments of the call other than its inputs, such as `initialState`. */
  readonly callArgs: Readonly<Record<string, unknown>>;
  /** Edges of those arguments that are tensors of the model, by name. */
  readonly argumentEdges: Readonly<Record<string, EdgeId>>;
  /** Shapes of the inputs; null where a size is not known yet. */
  readonly inputShapes: readonly SymbolicShape[];
  /** Shapes of the outputs. */
  readonly outputShapes: readonly SymbolicShape[];
  /** Edges of the inputs. */
  readonly inputs: readonly EdgeId[];
  /** Weights met so far, shared by all calls of a trace. */
  readonly pool: WeightPool;
  /**
   * The weight whose name ends in `/name`. Weights are read by name, since freezing a layer changes their order.
   *
   * @throws InternalError when the layer has no such weight.
   */
  weight(name: string): Weight;
  /** As {@link LayerCall.weight}, or null when there is none (`useBias: false`). */
  optionalWeight(name: string): Weight | null;
}

/** What {@link makeCall} is told; the rest it reads off the layer. */
export interface CallFacts {
  readonly layer: Layer;
  readonly address: Address;
  readonly callArgs: Readonly<Record<string, unknown>>;
  readonly argumentEdges: Readonly<Record<string, EdgeId>>;
  readonly inputShapes: readonly SymbolicShape[];
  readonly outputShapes: readonly SymbolicShape[];
  readonly inputs: readonly EdgeId[];
}

/** A layer called in the place of another: the cell of a recurrent layer, the layer inside a wrapper. */
export function innerCall(
  layer: Layer,
  outer: LayerCall,
  inputs: readonly EdgeId[],
  told: Partial<Pick<CallFacts, 'inputShapes' | 'callArgs' | 'argumentEdges'>> = {},
): LayerCall {
  const { inputShapes = [], callArgs = {}, argumentEdges = {} } = told;
  const outputShapes = answeredShapes(layer, inputShapes);
  const facts = { layer, address: outer.address, callArgs, argumentEdges, inputShapes, outputShapes, inputs };
  return makeCall(facts, outer.pool);
}

function answeredShapes(layer: Layer, inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
  if ('stateSize' in layer) return outputsOfCell(layer.stateSize, inputShapes);
  // Without shapes nothing is known of the output but that there is one.
  return inputShapes.length > 0 ? shapesOf(layer, inputShapes) : [[null]];
}

/** Output shapes as the layer computes them. */
function shapesOf(layer: Layer, inputShapes: readonly SymbolicShape[]): SymbolicShape[] {
  const shapes = inputShapes.map((shape) => [...shape]);
  const [only] = shapes;
  const computed = layer.computeOutputShape(shapes.length === 1 && only ? only : shapes);
  return isListOfShapes(computed) ? computed : [computed];
}

/** A cell reads a slice and its states; it answers its output, which is shaped like the first state, and new states. */
function outputsOfCell(stateSize: unknown, [, ...given]: readonly SymbolicShape[]): SymbolicShape[] {
  const sizes = Array.isArray(stateSize) ? stateSize : [stateSize];
  const states = sizes.map((size, index) => given[index] ?? [null, typeof size === 'number' ? size : null]);
  return [...states.slice(0, 1), ...states];
}

function isListOfShapes(shape: (number | null)[] | (number | null)[][]): shape is (number | null)[][] {
  return Array.isArray(shape[0]);
}

/** One weight object per variable, so that calls of a shared layer share what is derived from it. */
export type WeightPool = Map<Tensor, Weight>;

export function makeCall(facts: CallFacts, pool: WeightPool): LayerCall {
  const { layer, address } = facts;
  let config: Readonly<Record<string, unknown>> | undefined;
  const optionalWeight = (name: string) => findWeight(layer, name, pool);
  return {
    ...facts,
    pool,
    className: layer.getClassName(),
    get config() {
      config ??= layer.getConfig();
      return config;
    },
    optionalWeight,
    weight: (name) => {
      const weight = optionalWeight(name);
      if (weight) return weight;
      const names = layer.weights.map((variable) => lastName(variable.originalName));
      throw new InternalError(
        `layer "${formatAddress(address)}" (${layer.getClassName()}) has no weight "${name}"; it has ${listNames(names)}.`,
      );
    },
  };
}

function findWeight(layer: Layer, name: string, pool: WeightPool): Weight | null {
  const variable = layer.weights.find((candidate) => lastName(candidate.originalName) === name);
  if (!variable) return null;
  const tensor = readVariable(variable, layer.name);
  const known = pool.get(tensor);
  if (known) return known;
  const weight = variableWeight(`${layer.name}/${name}`, tensor);
  pool.set(tensor, weight);
  return weight;
}

function readVariable(variable: Layer['weights'][number], layer: string): Tensor {
  try {
    return variable.read();
  } catch {
    throw new DisposedError(
      `The weight "${variable.name}" of layer "${layer}" has been disposed. Was model.dispose() called before plan()?`,
    );
  }
}

function lastName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}
