import * as tf from '@tensorflow/tfjs-core';
import type { Layer, LayerCall } from '../graph/call.js';
import { activationStep, isActivationName } from '../steps/activations.js';
import { complementStep } from '../steps/elementwise.js';
import type { EdgeId } from '../steps/graph.js';
import { joinFeaturesStep } from '../steps/join-features.js';
import { addStep, denseStep } from '../steps/linear.js';
import { multiplyStep } from '../steps/product.js';
import type { LinearStep } from '../steps/step.js';
import { derivedWeight, type Weight } from '../tensors/weight.js';
import type { LayerAdapter, StepBuilder } from './adapter.js';
import { cannotLower, numberOf, stringOf } from './config.js';

// A cell is lowered like a layer whose inputs are one time slice and the states, and whose outputs are its output and the
// new states. Gates are products that name their signal, so that LRP's rules for products apply to them.

/** SimpleRNNCell: `h' = f(x W + h U + b)`. */
export const simpleRnnCellAdapter: LayerAdapter = (call, to) => {
  const [x, h] = pair(to.inputs);
  const joint = to.add(joinFeaturesStep(), [x, h], 'joint');
  const z = to.add(gateStep(call, 0, 1), [joint], 'candidate');
  const output = activate(call, to, 'activation', z, 'hidden');
  to.output(output, output);
};

/**
 * LSTMCell: `c' = f c + i g`, `h' = o tanh(c')`, with gates i, f, o and candidate g, each a dense map of (x, h). The order
 * in the kernel is i, f, g, o.
 *
 * @see Hochreiter and Schmidhuber 1997; Arras et al. 2017 for its relevance.
 */
export const lstmCellAdapter: LayerAdapter = (call, to) => {
  const [x, h, c] = triple(to.inputs);
  const joint = to.add(joinFeaturesStep(), [x, h], 'joint');
  const gate = (index: number, role: string) => to.add(gateStep(call, index, 4), [joint], role);
  const { hidden, cell } = addLstmUpdate(call, to, gate, c);
  to.output(hidden, hidden, cell);
};

/**
 * What an LSTM makes of its gates' pre-activations, which `gate` adds by their place in the kernel. Answers the new output
 * and memory, given the memory `c` before.
 */
export function addLstmUpdate(
  call: LayerCall,
  to: StepBuilder,
  gate: (index: number, role: string) => EdgeId,
  c: EdgeId,
): { readonly hidden: EdgeId; readonly cell: EdgeId } {
  const active = (index: number, role: string, key: string) =>
    activate(call, to, key, gate(index, role), `${role}.activation`);
  const input = active(0, 'input_gate', 'recurrentActivation');
  const forget = active(1, 'forget_gate', 'recurrentActivation');
  const candidate = active(2, 'candidate', 'activation');
  const output = active(3, 'output_gate', 'recurrentActivation');
  const kept = to.add(multiplyStep(1), [forget, c], 'kept');
  const written = to.add(multiplyStep(1), [input, candidate], 'written');
  const cell = to.add(addStep(), [kept, written], 'cell');
  const hidden = to.add(multiplyStep(1), [output, activate(call, to, 'activation', cell, 'cell.activation')], 'hidden');
  return { hidden, cell };
}

/**
 * GRUCell as tfjs computes it, the reset before the product: `h' = z h + (1 - z) g`, `g = tanh(x W + (r h) U + b)`. The
 * order in the kernel is z, r, g.
 *
 * @see Cho et al. 2014.
 */
export const gruCellAdapter: LayerAdapter = (call, to) => {
  const [x, h] = pair(to.inputs);
  const gate = (index: number, role: string, key: string, joint: EdgeId) =>
    activate(call, to, key, to.add(gateStep(call, index, 3), [joint], role), `${role}.activation`);
  const joint = to.add(joinFeaturesStep(), [x, h], 'joint');
  const update = gate(0, 'update_gate', 'recurrentActivation', joint);
  const reset = gate(1, 'reset_gate', 'recurrentActivation', joint);
  const remembered = to.add(multiplyStep(1), [reset, h], 'remembered');
  const later = to.add(joinFeaturesStep(), [x, remembered], 'candidate.joint');
  const candidate = gate(2, 'candidate', 'activation', later);
  const kept = to.add(multiplyStep(1), [update, h], 'kept');
  const free = to.add(complementStep(), [update], 'update_gate.complement');
  const written = to.add(multiplyStep(1), [free, candidate], 'written');
  const hidden = to.add(addStep(), [kept, written], 'hidden');
  to.output(hidden, hidden);
};

/** StackedRNNCells: each cell reads the output of the one before; states are listed from the last cell to the first. */
export const stackedCellsAdapter: LayerAdapter = (call, to) => {
  const cells = cellsOf(call);
  const [first, ...states] = to.inputs;
  if (first === undefined) throw cannotLower(call, 'it has no input.');
  const [firstShape = [], ...stateShapes] = call.inputShapes;
  const counts = cells.map(stateCount);
  const starts = counts.map((_, index) => counts.slice(index + 1).reduce((sum, count) => sum + count, 0));
  let output = first;
  let shape = firstShape;
  const answered = cells.map((cell, index) => {
    const start = starts[index] ?? 0;
    const end = start + (counts[index] ?? 0);
    const inputShapes = [shape, ...stateShapes.slice(start, end)];
    const [made, ...next] = to.apply(cell, [output, ...states.slice(start, end)], {
      role: `cell_${index}`,
      inputShapes,
    });
    if (made === undefined) throw cannotLower(call, `its cell ${index} has no output.`);
    output = made;
    // The first state of a cell has the shape of its output.
    shape = stateShapes[start] ?? [];
    return next;
  });
  to.output(output, ...answered.reverse().flat());
};

/** How many states a cell carries. */
export function stateCount(cell: Layer): number {
  const size = 'stateSize' in cell ? cell.stateSize : 1;
  return Array.isArray(size) ? size.length : 1;
}

/** One gate's dense map of slice and state side by side: its columns of the kernel above its columns of the recurrent kernel. */
function gateStep(call: LayerCall, index: number, gates: number): LinearStep {
  const units = numberOf(call, 'units');
  const kernel = call.weight('kernel');
  const recurrent = call.weight('recurrent_kernel');
  const columns = (weight: tf.Tensor) => (gates === 1 ? weight : tf.slice(weight, [0, index * units], [-1, units]));
  const rows = (kernel.shape[0] ?? 0) + (recurrent.shape[0] ?? 0);
  const joint = derivedWeight(`${kernel.name} of gate ${index}`, [rows, units], [kernel, recurrent], (w, u) =>
    tf.concat([columns(w), columns(u)], 0),
  );
  return denseStep(joint, biasOfGate(call.optionalWeight('bias'), index, units, gates));
}

function biasOfGate(bias: Weight | null, index: number, units: number, gates: number): Weight | null {
  if (!bias || gates === 1) return bias;
  return derivedWeight(`${bias.name} of gate ${index}`, [units], [bias], (b) => tf.slice(b, [index * units], [units]));
}

/** The activation a configuration entry names; nothing for `linear`. */
function activate(call: LayerCall, to: StepBuilder, key: string, input: EdgeId, role: string): EdgeId {
  const name = stringOf(call, key, 'linear');
  if (name === 'linear') return input;
  if (!isActivationName(name)) throw cannotLower(call, `its ${key} "${name}" is not known.`);
  return to.add(activationStep(name), [input], role);
}

function cellsOf(call: LayerCall): readonly Layer[] {
  const { layer } = call;
  if ('cells' in layer && Array.isArray(layer.cells)) return layer.cells;
  throw cannotLower(call, 'it has no list of cells.');
}

function pair(inputs: readonly EdgeId[]): [EdgeId, EdgeId] {
  const [first = -1, second = -1] = inputs;
  return [first, second];
}

function triple(inputs: readonly EdgeId[]): [EdgeId, EdgeId, EdgeId] {
  const [first = -1, second = -1, third = -1] = inputs;
  return [first, second, third];
}
