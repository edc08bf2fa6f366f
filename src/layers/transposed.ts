import type { LayerCall } from '../graph/call.js';
import type { EdgeId } from '../steps/graph.js';
import { shiftStep, transposedConvStep } from '../steps/linear.js';
import { addActivation } from './activation.js';
import type { LayerAdapter, StepBuilder } from './adapter.js';
import { inChannelsLast } from './channels.js';
import { numbersOf, onlyInput } from './config.js';
import { paddingOf } from './conv.js';
import { sameShift, shiftBy } from './same-padding.js';

/** Conv2DTranspose and Conv3DTranspose. Dilations are not used: tfjs does not pass them on. */
export const transposedAdapter: LayerAdapter = (call, to) => {
  const z = inChannelsLast(call, to, onlyInput(call, to.inputs), (x) => addTransposed(call, to, x));
  to.output(addActivation(call, to, z));
};

/** Where tfjs shifts the result, the bias comes after the shift: a step of its own, outside the kernel's denominators. */
function addTransposed(call: LayerCall, to: StepBuilder, x: EdgeId): EdgeId {
  const kernel = call.weight('kernel');
  const bias = call.optionalWeight('bias');
  const rank = kernel.shape.length - 2;
  const options = { strides: numbersOf(call, 'strides', rank, 1), padding: paddingOf(call) };
  const shift = options.padding === 'same' ? sameShift(kernel.shape.slice(0, rank), options.strides) : [];
  if (shift.length === 0) return to.add(transposedConvStep(kernel, bias, options), [x]);
  const z = to.add(shiftBy(shift), [to.add(transposedConvStep(kernel, null, options), [x])], 'shift');
  return bias ? to.add(shiftStep(bias, -1), [z], 'bias') : z;
}
