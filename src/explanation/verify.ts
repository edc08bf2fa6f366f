import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { formatAddress } from '../address.js';
import type { Layer, LayerCall } from '../graph/call.js';
import { trace } from '../graph/trace.js';
import type { Registry } from '../layers/registry.js';
import { lower } from '../plan/lower.js';
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
      return calls.map(({ call, inputs, outputs, mask }) =>
        compareCall(call, inputs.map(read), mask === null ? null : read(mask), outputs.map(read)),
      );
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

function compareCall(
  { layer, callArgs }: LayerCall,
  xs: tf.Tensor[],
  mask: tf.Tensor | null,
  ys: readonly tf.Tensor[],
): tf.Tensor {
  if (layer.getClassName() === 'InputLayer') return tf.scalar(0);
  const [first] = xs;
  // Initial states and constants are among the inputs.
  const { initialState, constants, ...others } = callArgs;
  const args = mask === null ? others : { ...others, mask: tf.cast(mask, 'bool') };
  // The layer takes a list only where it was called with one.
  const answer = leavingStates(layer, () => layer.apply(xs.length === 1 && first ? first : xs, args));
  const expected = (Array.isArray(answer) ? answer : [answer]) as tf.Tensor[]; // tensors in, tensors out
  return tf.max(tf.stack(ys.map((y, index) => relativeDifference(y, at(expected, index)))));
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
