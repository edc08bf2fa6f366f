import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { formatAddress } from '../address.js';
import type { Layer, LayerCall } from '../graph/call.js';
import { isContainer, trace } from '../graph/trace.js';
import type { Registry } from '../layers/registry.js';
import { type LoweredCall, lower } from '../plan/lower.js';
import { type Input, readyInputs } from '../propagate/inputs.js';
import type { EdgeId, StepNode } from '../steps/graph.js';
import { runStep } from '../steps/run.js';
import { DerivedTensors } from '../tensors/derived.js';
import { formatShape } from '../tensors/shape.js';

/** How far the steps of one layer call depart from the layer itself. */
export interface LayerCheck {
  /** Address of the call. */
  readonly address: string;
  /** Class of the layer. */
  readonly layerType: string;
  /** Largest difference over all outputs, relative to the largest value of that output; infinite with a problem. */
  readonly difference: number;
  /** Why there is nothing to compare: the steps failed, or gave another shape than the layer, or tfjs cannot run it. Else null. */
  readonly problem: string | null;
}

/**
 * Runs the steps of every layer call before any rewriting, and the layer on the same inputs, and compares: the first row
 * with a large difference is where an adapter is wrong. Where the steps fail or answer another shape, what follows goes
 * on with the layer's own output. Where all agree and what comes out of them is not what `model.predict` answers, a last
 * row says so, under the model's name.
 */
export async function compareWithModel(model: LayersModel, registry: Registry, input: Input): Promise<LayerCheck[]> {
  const traced = trace(model);
  const { graph, calls } = lower(traced, registry);
  const derived = new DerivedTensors();
  const ready = readyInputs(input, traced.inputs);
  const compared: Compared[] = [];
  let whole: tf.Tensor | null = null;
  try {
    tf.tidy(() => {
      const values = new Map<EdgeId, tf.Tensor>(graph.inputs.map((edge, index) => [edge, at(ready, index).tensor]));
      for (const call of calls) {
        const problem = runCall(call, graph.nodes, values, derived);
        compared.push(compareCall(call, values, problem));
      }
      whole = compareModel(model, graph.outputs, values, ready);
    });
    const rows = await Promise.all(
      calls.map(async ({ call }, index) => {
        const { difference, problem } = at(compared, index);
        const number = await numberOf(difference);
        return { address: formatAddress(call.address), layerType: call.className, difference: number, problem };
      }),
    );
    const difference = whole === null ? 0 : await numberOf(whole);
    const departs = difference > DEPARTS && rows.every((row) => row.difference < DEPARTS);
    const ofModel = { address: model.name, layerType: model.getClassName(), difference, problem: null };
    return departs ? [...rows, ofModel] : rows;
  } finally {
    tf.dispose(whole ?? []);
    for (const { difference } of compared) difference?.dispose();
    for (const one of ready) if (one.made) one.tensor.dispose();
    derived.dispose();
  }
}

/** Rounding adds up to less over the layers of a model. */
const DEPARTS = 1e-3;

async function numberOf(difference: tf.Tensor | null): Promise<number> {
  return difference === null ? Number.POSITIVE_INFINITY : ((await difference.data())[0] ?? Number.NaN);
}

/** A call's largest difference, kept beyond any tidy; null where there is nothing to compare. */
interface Compared {
  readonly difference: tf.Tensor | null;
  readonly problem: string | null;
}

/** Runs the steps of one call; answers what went wrong. */
function runCall(
  { nodes: own }: LoweredCall,
  nodes: readonly StepNode[],
  values: Map<EdgeId, tf.Tensor>,
  derived: DerivedTensors,
): string | null {
  const ids = new Set(own);
  for (const { id, step, inputs, output, address } of nodes) {
    // A container's steps belong to the calls in it too, and have run with those.
    if (!ids.has(id) || values.has(output)) continue;
    try {
      values.set(
        output,
        runStep(
          step,
          inputs.map((edge) => at([values.get(edge)], 0)),
          derived,
        ),
      );
    } catch (error) {
      return `its step ${formatAddress(address)} (${step.name}) fails: ${messageOf(error)}`;
    }
  }
  return null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Compares what the steps gave with the layer; where that cannot be, the layer's outputs take their place. */
function compareCall(lowered: LoweredCall, values: Map<EdgeId, tf.Tensor>, failure: string | null): Compared {
  const { call, outputs } = lowered;
  if (call.layer.getClassName() === 'InputLayer') return { difference: tf.keep(tf.scalar(0)), problem: null };
  let expected: tf.Tensor[];
  try {
    expected = expectedOutputs(lowered, (edge) => at([values.get(edge)], 0));
  } catch (error) {
    return { difference: null, problem: failure ?? `the layer itself fails: ${messageOf(error)}` };
  }
  const problem = failure ?? otherShapes(outputs, values, expected);
  if (problem !== null) {
    for (const [index, edge] of outputs.entries()) values.set(edge, at(expected, index));
    return { difference: null, problem };
  }
  return { difference: largestDifference(outputs, values, expected), problem: null };
}

/** How far what came out of all steps is from `model.predict`; null where tfjs cannot run the model. */
function compareModel(
  model: LayersModel,
  outputs: readonly EdgeId[],
  values: ReadonlyMap<EdgeId, tf.Tensor>,
  ready: readonly { readonly tensor: tf.Tensor }[],
): tf.Tensor | null {
  const inputs = ready.map(({ tensor }) => tensor);
  const [first] = inputs;
  if (!first) return null;
  try {
    // One batch, so that layers of a fixed batch see what the steps have seen.
    const batchSize = first.shape[0] ?? 1;
    const run = () => model.predict(inputs.length === 1 ? first : inputs, { batchSize });
    const answer = leavingStates(layersIn(model), run);
    const expected = Array.isArray(answer) ? answer : [answer];
    return otherShapes(outputs, values, expected) === null ? largestDifference(outputs, values, expected) : null;
  } catch {
    return null;
  }
}

/** The layers of a model and of the models in it. */
function layersIn(model: { readonly layers: readonly Layer[] }): Layer[] {
  return model.layers.flatMap((layer) => (isContainer(layer) ? layersIn(layer) : [layer]));
}

function largestDifference(
  outputs: readonly EdgeId[],
  values: ReadonlyMap<EdgeId, tf.Tensor>,
  expected: readonly tf.Tensor[],
): tf.Tensor {
  const differences = outputs.map((edge, index) => relativeDifference(at([values.get(edge)], 0), at(expected, index)));
  return tf.keep(tf.max(tf.stack(differences)));
}

/** Shapes that merely broadcast against each other would be compared all the same. */
function otherShapes(
  outputs: readonly EdgeId[],
  values: ReadonlyMap<EdgeId, tf.Tensor>,
  expected: readonly tf.Tensor[],
): string | null {
  for (const [index, edge] of outputs.entries()) {
    const [ours, theirs] = [values.get(edge)?.shape ?? [], at(expected, index).shape];
    if (`${ours}` !== `${theirs}`) {
      return `its steps give shape ${formatShape(ours)}, the layer gives ${formatShape(theirs)}`;
    }
  }
  return null;
}

function expectedOutputs({ call, inputs, ...found }: LoweredCall, read: (edge: EdgeId) => tf.Tensor): tf.Tensor[] {
  const { layer, callArgs } = call;
  const readMask = (mask: EdgeId | null) => (mask === null ? null : tf.cast(read(mask), 'bool'));
  const xs = inputs.map(read);
  const answer = CALLED_DIRECTLY.includes(call.className)
    ? callDirectly(layer, callArgs, {
        xs,
        masks: found.masks.map(readMask),
        named: mapValues(found.argumentEdges, read),
      })
    : leavingStates([layer], () => applyLayer(layer, callArgs, xs, readMask(found.handedMask)));
  return (Array.isArray(answer) ? answer : [answer]) as tf.Tensor[]; // tensors in, tensors out
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

/** Runs layers and puts stateful ones back to where they were left. */
function leavingStates<T>(layers: readonly Layer[], run: () => T): T {
  const parts = layers.flatMap((layer) => [
    layer,
    Reflect.get(layer, 'forwardLayer'),
    Reflect.get(layer, 'backwardLayer'),
  ]);
  const stateful = parts.filter(isStateful);
  const before = stateful.map(({ states }) => states.map((state) => tf.clone(state)));
  try {
    return run();
  } finally {
    // What cannot be run may have gone half of its way.
    for (const [index, one] of stateful.entries()) one.resetStates(before[index]);
  }
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
  const size = tf.maximum(tf.max(tf.abs(theirs)), 1e-12);
  return tf.div(tf.max(tf.abs(tf.sub(ours, theirs))), size);
}

function at<T>(list: readonly (T | undefined)[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new RangeError(`internal: nothing at position ${index} of ${list.length}`);
  return value;
}
