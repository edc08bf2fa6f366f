import type { LayerCall } from '../graph/call.js';
import { type ConvStepOptions, convStep } from '../steps/linear.js';
import { addActivation } from './activation.js';
import type { LayerAdapter } from './adapter.js';
import { addChannelsLast, inChannelsLast, spatialOf } from './channels.js';
import { cannotLower, numbersOf, onlyInput, stringOf } from './config.js';

/** Conv2D and Conv3D. The activation acts on the layer's own data format: a softmax is over its last axis. */
export const convAdapter: LayerAdapter = (call, to) => {
  const step = makeStep(call, spatialOf(call));
  const z = inChannelsLast(call, to, onlyInput(call, to.inputs), (x) => to.add(step, [x]));
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
  const z = to.add(makeStep(call, first ? shape.slice(2) : shape.slice(1, 2)), [x]);
  to.output(addActivation(call, to, z));
};

function makeStep(call: LayerCall, spatial: ConvStepOptions['spatial']) {
  const kernel = call.weight('kernel');
  const options = convOptions(call, kernel.shape.length - 2);
  return convStep(kernel, call.optionalWeight('bias'), spatial ? { ...options, spatial } : options);
}

/** Strides, padding and dilations of a convolution layer. */
export function convOptions(call: LayerCall, rank: number): ConvStepOptions {
  return {
    strides: numbersOf(call, 'strides', rank, 1),
    padding: paddingOf(call),
    dilations: numbersOf(call, 'dilationRate', rank, 1),
    spatial: spatialOf(call),
  };
}

/** @throws LrpError for `causal`, which tfjs does not run either. */
export function paddingOf(call: LayerCall): 'same' | 'valid' {
  const padding = stringOf(call, 'padding', 'valid');
  if (padding === 'same' || padding === 'valid') return padding;
  throw cannotLower(call, `its padding should be "same" or "valid", received ${JSON.stringify(padding)}.`);
}
