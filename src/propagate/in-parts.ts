import type * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import type { PlannedModel } from '../plan/plan-model.js';
import { samplesAtOnce } from './budget.js';
import { type Input, type ReadyInput, readyInputs } from './inputs.js';
import { joinBatches, tensorsOfRun } from './join.js';
import { wantedOf } from './keep.js';
import { type Progress, type Propagated, type PropagateOptions, propagate } from './run.js';
import { cut, type Range, startOf, targetOf } from './sample-targets.js';
import { startPlace } from './start.js';
import type { Target } from './target.js';

type Options = Omit<PropagateOptions, 'target'>;

/**
 * As {@link propagate}, but for a batch that would need more memory than there is: it is cut into parts that do not, and
 * the results are put together. Samples do not know of each other, so they are the same to the last bit.
 */
export function* propagateInParts(
  plan: PlannedModel,
  input: Input,
  targets: readonly (Target | undefined)[],
  options: Options,
): Generator<Progress, Propagated[]> {
  const size = partSize(plan, input, targets.length, options);
  if (size === null) return yield* propagate(plan, input, targets, options);
  const ready = readyInputs(input, plan.inputs);
  try {
    const tensors = ready.map((one) => one.tensor);
    return yield* inParts(plan, tensors, targets, options, size);
  } finally {
    disposeMade(ready);
  }
}

/** How many samples a part has; null where the whole batch fits. */
function partSize(plan: PlannedModel, input: Input, targets: number, options: Options): number | null {
  const { wanted } = wantedOf(plan, options.keep ?? 'layers');
  const ready = readyInputs(input, plan.inputs);
  try {
    const tensors = ready.map((one) => one.tensor);
    const size = samplesAtOnce(plan, tensors, wanted, targets, options.memoryBudget);
    return size < (tensors[0]?.shape[0] ?? 1) ? size : null;
  } finally {
    disposeMade(ready);
  }
}

function* inParts(
  plan: PlannedModel,
  inputs: readonly tf.Tensor[],
  targets: readonly (Target | undefined)[],
  options: Options,
  size: number,
): Generator<Progress, Propagated[]> {
  const batch = inputs[0]?.shape[0] ?? 1;
  const count = Math.ceil(batch / size);
  const ranks = targets.map((target) => plan.stated.get(startPlace(plan, target).edge)?.length ?? null);
  const done: Propagated[][] = [];
  const made: tf.Tensor[] = [];
  try {
    for (let part = 0; part < count; part++) {
      const range: Range = { from: part * size, count: Math.min(size, batch - part * size), batch, made };
      const start = startOf(options.start, ranks[0] ?? null, range);
      const steps = propagate(
        plan,
        inputs.map((x) => cut(x, range)),
        targets.map((target, index) => targetOf(target, ranks[index] ?? null, range)),
        { ...options, ...(start === undefined ? {} : { start }) },
      );
      done.push(yield* counted(steps, part, count));
      for (const tensor of made.splice(0)) tensor.dispose();
    }
    const parts = done.splice(0);
    return targets.map((_, index) => joinBatches(parts.map((runs) => at(runs, index))));
  } finally {
    for (const tensor of made) tensor.dispose();
    for (const runs of done) for (const run of runs) for (const tensor of tensorsOfRun(run)) tensor.dispose();
  }
}

/** Progress over all parts. */
function* counted<T>(steps: Generator<Progress, T>, part: number, parts: number): Generator<Progress, T> {
  try {
    for (let next = steps.next(); ; next = steps.next()) {
      if (next.done) return next.value;
      const { done, total } = next.value;
      yield { ...next.value, done: part * total + done, total: parts * total };
    }
  } finally {
    // Where this is broken off the part has to clean up too.
    steps.return(undefined as T);
  }
}

function disposeMade(ready: readonly ReadyInput[]): void {
  for (const { made, tensor } of ready) if (made) tensor.dispose();
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new InternalError(`no target ${index} of ${list.length}`);
  return value;
}
