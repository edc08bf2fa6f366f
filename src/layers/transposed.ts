import { transposedConvStep } from '../steps/linear.js';
import { addActivation } from './activation.js';
import type { LayerAdapter } from './adapter.js';
import { inChannelsLast } from './channels.js';
import { numbersOf, onlyInput } from './config.js';
import { paddingOf } from './conv.js';

/** Conv2DTranspose and Conv3DTranspose. Dilations are not used: tfjs does not pass them on. */
export const transposedAdapter: LayerAdapter = (call, to) => {
  const kernel = call.weight('kernel');
  const strides = numbersOf(call, 'strides', kernel.shape.length - 2, 1);
  const step = transposedConvStep(kernel, call.optionalWeight('bias'), { strides, padding: paddingOf(call) });
  const z = inChannelsLast(call, to, onlyInput(call, to.inputs), (x) => to.add(step, [x]));
  to.output(addActivation(call, to, z));
};
