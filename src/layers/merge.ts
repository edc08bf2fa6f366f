import type { LayerCall } from '../graph/call.js';
import type { EdgeId } from '../steps/graph.js';
import { addStep, averageStep } from '../steps/linear.js';
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
  to.output(to.add(concatStep(along), to.inputs));
};

function mergeAdapter(make: () => Step): LayerAdapter {
  return (call, to) => to.output(to.add(make(), expandRanks(call, to)));
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
