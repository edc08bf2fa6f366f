import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { formatAddress } from '../address.js';
import type { Layer, LayerCall } from '../graph/call.js';
import { trace } from '../graph/trace.js';
import type { Registry } from '../layers/registry.js';
import { type LoweredCall, lower } from '../plan/lower.js';
import { type Input, readyInputs } from '../propagate/inputs.js';
import type { EdgeId } from '../steps/graph.js';
import { runStep } from '../steps/run.js';
import { DerivedTensors } from '../tensors/derived.js';

/** How far the steps of one layer call depart from the layer itself. */
export interface LayerCheck {
  /** Address of the call. */
  readonly address: string;
  /** Class of the layer. */
  readonly layerType: string;
  /** Largest difference over all outputs, relative to the largest value of that output; infinite for another shape. */
  readonly difference: number;
}

/**
 * Runs the steps of every layer call before any rewriting, and the layer on the same inputs, and compares: the first row
 * with a large difference is where an adapter is wrong.
 */
export async function compareWithModel(model: LayersModel, registry: Registry, input: Input): Promise<LayerCheck[]> {
  const traced = trace(model);
  const { graph, calls } = lower(traced, registry);
  const derived = new DerivedTensors();
  const ready = readyInputs(input, traced.inputs);
  let differences: tf.Tensor[] = [];
  try {
    differences = tf.tidy(() => {
      const values = new Map<EdgeId, tf.Tensor>(graph.inputs.map((edge, index) => [edge, at(ready, index).tensor]));
      const read = (edge: EdgeId) => at([values.get(edge)], 0);
      for (const node of graph.nodes) values.set(node.output, runStep(node.step, node.inputs.map(read), derived));
      return calls.map((call) => compareCall(call, read));
    });
    const numbers = await Promise.all(differences.map((tensor) => tensor.data()));
    return calls.map(({ call }, index) => ({
      address: formatAddress(call.address),
      layerType: call.className,
      difference: numbers[index]?.[0] ?? Number.NaN,
    }));
  } finally {
    for (const tensor of differences) tensor.dispose();
    for (const one of ready) if (one.made) one.tensor.dispose();
    derived.dispose();
  }
}

function compareCall({ call, inputs, outputs, ...found }: LoweredCall, read: (edge: EdgeId) => tf.Tensor): tf.Tensor {
  const { layer, callArgs } = call;
  if (layer.getClassName() === 'InputLayer') return tf.scalar(0);
  const masks = found.masks.map((mask) => (mask === null ? null : tf.cast(read(mask), 'bool')));
  const xs = inputs.map(read);
  const answer = CALLED_DIRECTLY.includes(call.className)
    ? callDirectly(layer, callArgs, { xs, masks, named: mapValues(found.argumentEdges, read) })
    : leavingStates(layer, () => applyLayer(layer, callArgs, xs, masks[0] ?? null));
  const expected = (Array.isArray(answer) ? answer : [answer]) as tf.Tensor[]; // tensors in, tensors out
  return tf.max(tf.stack(outputs.map((edge, index) => relativeDifference(read(edge), at(expected, index)))));
}

function applyLayer(layer: Layer, callArgs: LayerCall['callArgs'], xs: tf.Tensor[], mask: tf.Tensor | null) {
  const [first] = xs;
  // Initial states and constants are among the inputs.
  const { initialState, constants, ...others } = callArgs;
  // The layer takes a list only where it was called with one.
  return layer.apply(xs.length === 1 && first ? first : xs, mask === null ? others : { ...others, mask });
}

/** Layers whose `apply` does not hand on what they take by name. */
const CALLED_DIRECTLY: readonly string[] = ['MultiHeadAttention', 'TransformerDecoder'];

/** What a call takes: inputs, their masks, and tensors by name. */
interface Taken {
  readonly xs: readonly tf.Tensor[];
  readonly masks: readonly (tf.Tensor | null)[];
  readonly named: Readonly<Record<string, tf.Tensor>>;
}

function callDirectly(layer: Layer, callArgs: LayerCall['callArgs'], { xs, masks, named }: Taken) {
  // Attention reads masks off the tensors themselves.
  const marked = xs.map((x, index) => Object.assign(tf.clone(x), { kerasMask: masks[index] ?? undefined }));
  const [query, value, key] = marked;
  const inputs = value ? { value, ...(key ? { key } : {}) } : {};
  return layer.call(at([query], 0), { ...callArgs, ...named, ...inputs });
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, change: (value: T) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}

/** Runs a layer and puts a stateful one back to where it was left. */
function leavingStates<T>(layer: Layer, run: () => T): T {
  const stateful = [layer, Reflect.get(layer, 'forwardLayer'), Reflect.get(layer, 'backwardLayer')].filter(isStateful);
  const before = stateful.map(({ states }) => states.map((state) => tf.clone(state)));
  const answer = run();
  for (const [index, one] of stateful.entries()) one.resetStates(before[index]);
  return answer;
}

/** What tfjs' recurrent layers offer besides their public type. */
interface Stateful {
  readonly states: readonly tf.Tensor[];
  resetStates(states?: tf.Tensor[]): void;
}

function isStateful(layer: unknown): layer is Stateful {
  const candidate = layer as (Partial<Stateful> & { readonly stateful?: boolean }) | undefined;
  return candidate?.stateful === true && Array.isArray(candidate.states);
}

function relativeDifference(ours: tf.Tensor, theirs: tf.Tensor): tf.Tensor {
  // Shapes that merely broadcast against each other would be compared all the same.
  if (`${ours.shape}` !== `${theirs.shape}`) return tf.scalar(Number.POSITIVE_INFINITY);
  const size = tf.maximum(tf.max(tf.abs(theirs)), 1e-12);
  return tf.div(tf.max(tf.abs(tf.sub(ours, theirs))), size);
}

function at<T>(list: readonly (T | undefined)[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new RangeError(`internal: nothing at position ${index} of ${list.length}`);
  return value;
}
