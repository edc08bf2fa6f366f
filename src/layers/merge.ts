import type { LayerCall } from '../graph/call.js';
import type { EdgeId } from '../steps/graph.js';
import { addStep, averageStep } from '../steps/linear.js';
import { bothMasksStep, concatMasksStep } from '../steps/mask.js';
import { multiplyStep } from '../steps/product.js';
import { concatStep, reshapeStep } from '../steps/relabel.js';
import { maximumStep, minimumStep } from '../steps/select.js';
import type { Step } from '../steps/step.js';
import type { LayerAdapter, StepBuilder } from './adapter.js';
import { numberOf, rankOf } from './config.js';

/** Add. */
export const addAdapter: LayerAdapter = /* @__PURE__ */ mergeAdapter(addStep);

/** Average. */
export const averageAdapter: LayerAdapter = /* @__PURE__ */ mergeAdapter(averageStep);

/** Maximum. */
export const maximumAdapter: LayerAdapter = /* @__PURE__ */ mergeAdapter(maximumStep);

/** Minimum. */
export const minimumAdapter: LayerAdapter = /* @__PURE__ */ mergeAdapter(minimumStep);

/** Multiply. */
export const multiplyAdapter: LayerAdapter = /* @__PURE__ */ mergeAdapter(() => multiplyStep());

/** Concatenate. */
export const concatenateAdapter: LayerAdapter = (call, to) => {
  const rank = rankOf(call);
  const axis = numberOf(call, 'axis', -1);
  // Every negative axis is the last to tfjs, and so is one just beyond the last.
  const along = axis < 0 ? rank - 1 : Math.min(axis, rank - 1);
  // Masks have every axis but the features'; joined along those, a step counts where all of them count.
  if (along < rank - 1) to.mask(masksInARow(to, along));
  to.output(to.add(concatStep(along), to.inputs));
};

/** The masks of all inputs, one behind the other, or null where there is none. */
function masksInARow(to: StepBuilder, axis: number): EdgeId | null {
  const masks = to.inputs.map((edge) => to.maskOf(edge));
  if (masks.every((mask) => mask === null)) return null;
  const has = masks.map((mask) => mask !== null);
  return to.add(
    concatMasksStep(has, axis),
    masks.map((mask, index) => mask ?? to.inputs[index] ?? -1),
    'mask',
  );
}

function mergeAdapter(make: () => Step): LayerAdapter {
  return (call, to) => {
    to.mask(mergedMask(to));
    to.output(to.add(make(), expandRanks(call, to)));
  };
}

/**
 * As in tfjs: none where the first input has none, else that one and those of the inputs between it and the last. tfjs
 * gives it one axis too many, so that a recurrent layer can hardly run with it.
 */
function mergedMask(to: StepBuilder): EdgeId | null {
  const [first = null, ...others] = to.inputs
    .slice(0, Math.max(1, to.inputs.length - 1))
    .map((edge) => to.maskOf(edge));
  if (first === null) return null;
  const more = others.filter((mask) => mask !== null);
  return more.reduce((known, mask) => to.add(bothMasksStep(), [known, mask], 'mask'), first);
}

/** Inputs of lower rank get axes of size 1 behind the batch until all ranks are equal. */
function expandRanks(call: LayerCall, to: StepBuilder): EdgeId[] {
  const ranks = to.inputs.map((_, index) => rankOf(call, index));
  const highest = Math.max(...ranks);
  return to.inputs.map((input, index) => {
    const missing = highest - (ranks[index] ?? highest);
    if (missing === 0) return input;
    const ones = new Array<number>(missing).fill(1);
    return to.add(
      reshapeStep((shape) => [shape[0] ?? 1, ...ones, ...shape.slice(1)]),
      [input],
      'expand',
    );
  });
}
