import type * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import type { PlannedModel } from '../plan/plan-model.js';
import { type Need, needOf, samplesAtOnce } from './budget.js';
import { type Input, readyInputs } from './inputs.js';
import { type Aside, detachLedger, finishLedger, joinBatches, setAside, tensorsOfRun } from './join.js';
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
  const ready = readyInputs(input, plan.inputs);
  let own = ready.filter(({ made }) => made);
  try {
    const tensors = ready.map((one) => one.tensor);
    const wanted = () => wantedOf(plan, options.keep ?? 'layers').wanted;
    const need = needOf(plan, tensors, wanted, targets.length, options.memoryBudget, options.ledger !== false);
    if (need && samplesAtOnce(need, plan, need.batch) < need.batch) {
      return yield* inParts(plan, tensors, targets, options, need);
    }
    // From here on they are the run's.
    own = [];
    return yield* propagate(plan, ready, targets, options);
  } finally {
    for (const { tensor } of own) tensor.dispose();
  }
}

function* inParts(
  plan: PlannedModel,
  inputs: readonly tf.Tensor[],
  targets: readonly (Target | undefined)[],
  options: Options,
  need: Need,
): Generator<Progress, Propagated[]> {
  const { batch } = need;
  const ranks = targets.map((target) => plan.stated.get(startPlace(plan, target).edge)?.length ?? null);
  const done: Propagated[][] = [];
  const made: tf.Tensor[] = [];
  const aside: Aside = new Map();
  try {
    for (let from = 0; from < batch; ) {
      const range: Range = { from, count: samplesAtOnce(need, plan, batch - from), batch, made };
      const start = startOf(options.start, ranks[0] ?? null, range);
      const steps = propagate(
        plan,
        inputs.map((x) => ({ tensor: cut(x, range), made: false, single: false })),
        targets.map((target, index) => targetOf(target, ranks[index] ?? null, range)),
        { ...options, ...(start === undefined ? {} : { start }) },
      );
      const runs = yield* counted(steps, range);
      done.push(runs.map(need.finishesSums ? finishLedger : detachLedger));
      if (need.setsAside) for (const run of runs) setAside(run, aside);
      for (const tensor of made.splice(0)) tensor.dispose();
      from += range.count;
    }
    const parts = done.splice(0);
    return targets.map((_, index) =>
      joinBatches(
        parts.map((runs) => at(runs, index)),
        aside,
      ),
    );
  } finally {
    for (const tensor of made) tensor.dispose();
    for (const runs of done) for (const run of runs) for (const tensor of tensorsOfRun(run)) tensor.dispose();
  }
}

/** Progress over all parts: steps times samples. */
function* counted<T>(steps: Generator<Progress, T>, { from, count, batch }: Range): Generator<Progress, T> {
  try {
    for (let next = steps.next(); ; next = steps.next()) {
      if (next.done) return next.value;
      const { done, total } = next.value;
      yield { ...next.value, done: from * total + count * done, total: batch * total };
    }
  } finally {
    // Where this is broken off the part has to clean up too.
    steps.return(undefined as T);
  }
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new InternalError(`no target ${index} of ${list.length}`);
  return value;
}
