import type { LayerCall } from '../graph/call.js';
import type { EdgeId } from '../steps/graph.js';
import { convStep, depthwiseStep, shiftStep } from '../steps/linear.js';
import { addActivation } from './activation.js';
import type { LayerAdapter, StepBuilder } from './adapter.js';
import { inChannelsLast, isChannelsFirst, spatialOf } from './channels.js';
import { cannotLower, onlyInput } from './config.js';
import { convOptions } from './conv.js';

/** DepthwiseConv2D. Its `dilationRate` is not used: tfjs does not pass it on. */
export const depthwiseAdapter: LayerAdapter = (call, to) => {
  const options = { ...convOptions(call, 2, spatialOf(call)), dilations: [1, 1] };
  const step = depthwiseStep(call.weight('depthwise_kernel'), call.optionalWeight('bias'), options);
  const z = inChannelsLast(call, to, onlyInput(call, to.inputs), (x) => to.add(step, [x]));
  to.output(addActivation(call, to, z));
};

/**
 * SeparableConv2D: a depthwise convolution, then one of 1x1. Bias and activation come before the channels are put back
 * in front.
 */
export const separableAdapter: LayerAdapter = (call, to) => {
  const depthwise = depthwiseStep(call.weight('depthwise_kernel'), null, convOptions(call, 2, spatialOf(call)));
  const output = inChannelsLast(call, to, onlyInput(call, to.inputs), (x) => {
    const z = addPointwise(call, to, to.add(depthwise, [x], 'depthwise'));
    return addActivation(call, to, z);
  });
  to.output(output);
};

/**
 * With channels first tfjs shapes the bias for them although the channels are last at that moment: it is added along
 * the height, which has to have as many rows as there are filters.
 */
function addPointwise(call: LayerCall, to: StepBuilder, x: EdgeId): EdgeId {
  const kernel = call.weight('pointwise_kernel');
  const bias = call.optionalWeight('bias');
  const fits = bias === null || bias.shape[0] === 1 || !isChannelsFirst(call);
  const options = { strides: [1, 1], padding: 'valid', dilations: [1, 1] } as const;
  const z = to.add(convStep(kernel, fits ? bias : null, options), [x], 'pointwise');
  if (fits) return z;
  const height = call.outputShapes[0]?.[2] ?? null;
  if (height !== null && height !== bias.shape[0]) {
    throw cannotLower(
      call,
      `with channels first tfjs adds its bias of ${bias.shape[0]} along the height of ${height}, which fails. ` +
        'Use channelsLast or useBias: false.',
    );
  }
  return to.add(shiftStep(bias, -3), [z], 'bias');
}
