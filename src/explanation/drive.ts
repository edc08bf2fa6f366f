import { AbortError } from '../errors.js';
import type { Progress } from '../propagate/run.js';

/** What steers long work. */
export interface Drive {
  /** Called after each step. */
  readonly onProgress?: (progress: Progress) => void;
  /** Stops the work when it fires. */
  readonly signal?: AbortSignal;
  /** Milliseconds after which the work stops. */
  readonly timeBudget?: number;
}

/** How long work goes on before the event loop gets its turn, in milliseconds: most of a frame. */
const SLICE = 12;

/** Runs a generator to its end at once. */
export function driveSync<T>(steps: Generator<Progress, T>): T {
  for (;;) {
    const next = steps.next();
    if (next.done) return next.value;
  }
}

/** Runs a generator to its end, giving way to the event loop; ends it early, cleaning up, when told to. */
export async function driveAsync<T>(steps: Generator<Progress, T>, drive: Drive): Promise<T> {
  const { onProgress, signal, timeBudget } = drive;
  const begun = performance.now();
  let pause = begun;
  let last: Progress | null = null;
  let finished = false;
  try {
    for (;;) {
      stopIfAsked(signal, timeBudget, begun, last);
      const next = steps.next();
      if (next.done) {
        finished = true;
        return next.value;
      }
      last = next.value;
      onProgress?.(last);
      if (performance.now() - pause < SLICE) continue;
      await new Promise((resolve) => setTimeout(resolve, 0));
      pause = performance.now();
    }
  } finally {
    // Runs the generator's own clean-up; what it would still answer is of no use.
    if (!finished) steps.return(undefined as T);
  }
}

function stopIfAsked(
  signal: AbortSignal | undefined,
  budget: number | undefined,
  begun: number,
  last: Progress | null,
) {
  const where = last ? `at step ${last.done} of ${last.total} (${last.phase}, ${last.address})` : 'before it began';
  if (signal?.aborted) throw new AbortError(`The explanation was aborted ${where}.`);
  // Not `>`: a budget that is no number is over at once.
  if (budget !== undefined && !(performance.now() - begun <= budget)) {
    throw new AbortError(`The time budget of ${budget} ms ran out ${where}. Nothing was kept.`);
  }
}
