import * as tf from '@tensorflow/tfjs-core';
import type { LayerCall } from '../graph/call.js';
import type { EdgeId } from '../steps/graph.js';
import { addStep, convStep } from '../steps/linear.js';
import type { SymbolicShape } from '../tensors/shape.js';
import { derivedWeight, type Weight } from '../tensors/weight.js';
import type { LayerAdapter, StepBuilder } from './adapter.js';
import { addLstmUpdate } from './cells.js';
import { addChannelsFirst, addChannelsLast, isChannelsFirst } from './channels.js';
import { numberOf } from './config.js';
import { convOptions } from './conv.js';
import { cellOf, lowerRecurrent } from './recurrent.js';
import { fixedShape } from './wrapper.js';

/** ConvLSTM2D: an LSTM over pictures, `[batch, time, height, width, channels]`, whose gates are convolutions. */
export const convLstmAdapter: LayerAdapter = (call, to) => {
  const state = fixedShape(call, (call.outputShapes[0] ?? []).slice(-3));
  lowerRecurrent(call, to, cellOf(call), [state, state]);
};

/**
 * ConvLSTM2DCell: gates `conv(x) + conv(h)`, two convolutions and their sum. That of the slice has the layer's strides,
 * padding and dilation, and the bias; that of the state is padded to its own size. The order in the kernels is i, f, g, o.
 *
 * @see Shi et al. 2015, "Convolutional LSTM network".
 */
export const convLstmCellAdapter: LayerAdapter = (call, to) => {
  const first = isChannelsFirst(call);
  const last = (edge: EdgeId, role: string) => (first ? addChannelsLast(scoped(to, role), edge, 4) : edge);
  const [x = -1, h = -1, c = -1] = to.inputs;
  const [slice, before, memory] = [last(x, 'input'), last(h, 'state_0'), last(c, 'state_1')];
  const gate = (index: number, role: string) => {
    const own = to.add(inputConv(call, index), [slice], `${role}.input`);
    const carried = to.add(stateConv(call, index), [before], `${role}.state`);
    return to.add(addStep(), [own, carried], role);
  };
  const { hidden, cell } = addLstmUpdate(call, to, gate, memory);
  const back = (edge: EdgeId, role: string) => (first ? addChannelsFirst(scoped(to, role), edge, 4) : edge);
  const output = back(hidden, 'hidden');
  to.output(output, output, back(cell, 'cell'));
};

function inputConv(call: LayerCall, index: number) {
  const [, ...rest] = call.inputShapes[0] ?? [];
  const spatial: SymbolicShape = isChannelsFirst(call) ? rest.slice(1) : rest.slice(0, 2);
  const bias = call.optionalWeight('bias');
  return convStep(channelsOfGate(call, call.weight('kernel'), index), bias && channelsOfGate(call, bias, index), {
    ...convOptions(call, 2, spatial),
  });
}

function stateConv(call: LayerCall, index: number) {
  return convStep(channelsOfGate(call, call.weight('recurrent_kernel'), index), null, {
    strides: [1, 1],
    dilations: [1, 1],
    padding: 'same',
  });
}

/** One gate's channels, along the last axis of a kernel or bias. */
function channelsOfGate(call: LayerCall, weight: Weight, index: number): Weight {
  const filters = numberOf(call, 'filters');
  const others = weight.shape.slice(0, -1);
  return derivedWeight(`${weight.name} of gate ${index}`, [...others, filters], [weight], (value) =>
    tf.slice(value, [...others.map(() => 0), index * filters], [...others, filters]),
  );
}

/** A builder that puts `prefix` before the roles. */
function scoped(to: StepBuilder, prefix: string): StepBuilder {
  return { ...to, add: (step, inputs, role = '') => to.add(step, inputs, `${prefix}.${role}`) };
}
