import type { LayerCall } from '../graph/call.js';
import type { EdgeId } from '../steps/graph.js';
import { type ConvStepOptions, convStep } from '../steps/linear.js';
import type { SymbolicShape } from '../tensors/shape.js';
import { addActivation } from './activation.js';
import type { LayerAdapter, StepBuilder } from './adapter.js';
import { addChannelsLast, inChannelsLast, spatialOf } from './channels.js';
import { cannotLower, numbersOf, onlyInput, stringOf } from './config.js';
import { addSameCrop } from './same-padding.js';

/** Conv2D and Conv3D. The activation acts on the layer's own data format: a softmax is over its last axis. */
export const convAdapter: LayerAdapter = (call, to) => {
  const spatial = spatialOf(call);
  const z = inChannelsLast(call, to, onlyInput(call, to.inputs), (x) => addConv(call, to, x, spatial));
  to.output(addActivation(call, to, z));
};

/**
 * Conv1D. Its configuration does not tell the data format; and with channels first tfjs turns the input but not the
 * output, which stays `[batch, width, filters]`.
 */
export const conv1dAdapter: LayerAdapter = (call, to) => {
  const format: unknown = Reflect.get(call.layer, 'dataFormat');
  const shape = call.inputShapes[0] ?? [];
  const input = onlyInput(call, to.inputs);
  const first = format === 'channelsFirst';
  const x = first ? addChannelsLast(to, input, 3) : input;
  const z = addConv(call, to, x, first ? shape.slice(2) : shape.slice(1, 2));
  to.output(addActivation(call, to, z));
};

function addConv(call: LayerCall, to: StepBuilder, x: EdgeId, spatial: SymbolicShape): EdgeId {
  const kernel = call.weight('kernel');
  const options = convOptions(call, kernel.shape.length - 2, spatial);
  const reach = options.dilations.map((dilation, axis) => ((kernel.shape[axis] ?? 1) - 1) * dilation + 1);
  const cropped = options.padding === 'same' ? addSameCrop(to, x, spatial, reach, options.strides) : x;
  return to.add(convStep(kernel, call.optionalWeight('bias'), options), [cropped]);
}

/** Strides, padding and dilations of a convolution layer. */
export function convOptions(call: LayerCall, rank: number, spatial: SymbolicShape): ConvStepOptions {
  return {
    strides: numbersOf(call, 'strides', rank, 1),
    padding: paddingOf(call),
    dilations: numbersOf(call, 'dilationRate', rank, 1),
    spatial,
  };
}

/** @throws LrpError for `causal`, which tfjs does not run either. */
export function paddingOf(call: LayerCall): 'same' | 'valid' {
  const padding = stringOf(call, 'padding', 'valid');
  if (padding === 'same' || padding === 'valid') return padding;
  throw cannotLower(call, `its padding should be "same" or "valid", received ${JSON.stringify(padding)}.`);
}
