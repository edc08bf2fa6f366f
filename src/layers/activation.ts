import type { LayerCall } from '../graph/call.js';
import { listNames, nearestNames } from '../names.js';
import {
  activationNames,
  activationStep,
  cappedReluStep,
  isActivationName,
  leakyReluStep,
  preluStep,
  softmaxStep,
  thresholdedReluStep,
} from '../steps/activations.js';
import type { EdgeId } from '../steps/graph.js';
import { permuteStep, reshapeStep } from '../steps/relabel.js';
import { sizeOf } from '../tensors/shape.js';
import type { LayerAdapter, StepBuilder } from './adapter.js';
import { cannotLower, numberOf, numbersOf, onlyInput, rankOf, stringOf } from './config.js';

/** Activation. */
export const activationAdapter: LayerAdapter = (call, to) => {
  to.output(addActivation(call, to, onlyInput(call, to.inputs)));
};

/** ReLU, with `maxValue`. */
export const reluAdapter: LayerAdapter = (call, to) => {
  const limit = call.config.maxValue ?? null;
  const step = limit === null ? activationStep('relu') : cappedReluStep(numberOf(call, 'maxValue'));
  to.output(to.add(step, to.inputs));
};

/** LeakyReLU. */
export const leakyReluAdapter: LayerAdapter = (call, to) => {
  to.output(to.add(leakyReluStep(numberOf(call, 'alpha', 0.3)), to.inputs));
};

/** PReLU, its slopes shared along some axes or not. */
export const preluAdapter: LayerAdapter = (call, to) => {
  to.output(to.add(preluStep(call.weight('alpha')), to.inputs));
};

/** ELU; tfjs knows it with alpha 1 only. */
export const eluAdapter: LayerAdapter = (_call, to) => {
  to.output(to.add(activationStep('elu'), to.inputs));
};

/** ThresholdedReLU. */
export const thresholdedReluAdapter: LayerAdapter = (call, to) => {
  to.output(to.add(thresholdedReluStep(numberOf(call, 'theta', 1)), to.inputs));
};

/**
 * Softmax over one axis or several. A mask of time steps `[batch, time]` that it is handed hides positions of the last axis,
 * as in tfjs, which lines the two up from the right. With more than two axes tfjs lines up the batch with another
 * axis too, so that only a batch of one runs as meant; here every sample is treated as alone.
 */
export const softmaxAdapter: LayerAdapter = (call, to) => {
  const rank = rankOf(call);
  const axes = numbersOf(call, 'axis', 1, 1).map((axis) => (axis < 0 ? axis + rank : axis));
  const input = onlyInput(call, to.inputs);
  const mask = to.handedMask;
  const [axis] = axes;
  if (axes.length > 1 || axis === undefined) {
    if (mask !== null) throw cannotLower(call, 'it runs over several axes of a masked input. Give it one axis.');
    return to.output(addJointSoftmax(call, to, input, axes));
  }
  const masks = mask === null ? [] : [alongLastAxis(call, to, mask, rank)];
  to.output(to.add(softmaxStep(axis - rank), [input, ...masks]));
};

/** A mask of time steps where the last axis of the layer's input is: `[batch, 1, ..., time]`. */
function alongLastAxis(call: LayerCall, to: StepBuilder, mask: EdgeId, rank: number): EdgeId {
  const shape = call.inputShapes[0] ?? [];
  const [times, last] = [shape[1], shape[rank - 1]];
  if (rank < 2 || (times !== last && times != null && last != null)) {
    throw cannotLower(
      call,
      `tfjs hands it a mask of time steps, and applies that to the last axis of [${shape.map((size) => size ?? 'any').join(', ')}], ` +
        'which has another size. Use tf.layers.activation({activation: "softmax"}): it ignores masks.',
    );
  }
  const ones = new Array<number>(rank - 2).fill(1);
  return to.add(
    reshapeStep(([batch = 1, size = 1]) => [batch, ...ones, size]),
    [mask],
    'mask',
  );
}

/**
 * Adds the activation that a layer's configuration names, in the role `activation`; nothing for `linear`. Answers the
 * edge of its output.
 *
 * @param call A layer whose configuration has `activation`.
 */
export function addActivation(call: LayerCall, to: StepBuilder, input: EdgeId): EdgeId {
  const name = stringOf(call, 'activation', 'linear');
  if (name === 'linear') return input;
  if (isActivationName(name)) {
    const role = call.className === 'Activation' ? undefined : 'activation';
    return to.add(activationStep(name), [input], role);
  }
  const nearest = listNames(nearestNames(name, activationNames(), 1));
  throw cannotLower(
    call,
    `its activation "${name}" is not known (nearest: ${nearest}). Register an adapter for the layer with ` +
      `defaultRegistry.with("${call.layer.name}", adapter).`,
  );
}

/** Several axes at once: they are made the last one, and put back. */
function addJointSoftmax(call: LayerCall, to: StepBuilder, input: EdgeId, axes: readonly number[]): EdgeId {
  const shape = call.inputShapes[0] ?? [];
  const others = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const order = [...others, ...axes];
  const inverse = order.map((_, axis) => order.indexOf(axis));
  // One size that is not known before an input is seen is what the others leave.
  const sizes = axes.map((axis) => shape[axis] ?? -1);
  if (sizes.filter((size) => size === -1).length > 1) {
    throw cannotLower(call, 'it runs over several axes of unknown size. Give its model input a full shape.');
  }
  const moved = to.add(permuteStep(order), [input], 'axes-last');
  const merge = reshapeStep((now) => [...now.slice(0, others.length), sizeOf(now.slice(others.length))]);
  const y = to.add(softmaxStep(), [to.add(merge, [moved], 'merge-axes')]);
  const split = reshapeStep((now) => [...now.slice(0, others.length), ...sizes]);
  return to.add(permuteStep(inverse), [to.add(split, [y], 'split-axes')], 'axes-back');
}
