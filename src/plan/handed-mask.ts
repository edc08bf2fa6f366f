import type { Run, TracedCall } from '../graph/trace.js';
import type { EdgeId } from '../steps/graph.js';

/**
 * The mask that tfjs hands to the call of a layer, followed from call to call. tfjs writes the mask of a call's first
 * input into arguments that all calls of one model share, and never takes it back: it is handed to the calls that
 * follow, of whatever branch, until one of their inputs has a mask again.
 */
export class HandedMask {
  /**
   * @param shared Whether the arguments exist already. They do not when `predict` begins, until there is a mask; a model
   *   that is run before that gets arguments of its own, and what it writes there stays inside.
   * @param read The mask in them.
   */
  constructor(
    private shared = false,
    private read: () => EdgeId | null = () => null,
  ) {}

  /** The mask that the call just seen is handed. Asking may add a step that makes it. */
  get mask(): EdgeId | null {
    return this.read();
  }

  /** A call is made: these are the masks of its inputs. */
  see(masks: readonly (EdgeId | null)[]): void {
    if (masks.every((mask) => mask === null)) return;
    const [first = null] = masks;
    this.shared = true;
    this.read = () => first;
  }

  /** What the calls inside a model go on with, when the call just seen was the model's. */
  inside(): HandedMask {
    return this.shared ? this : new HandedMask(true);
  }
}

/** The masks of tensors, by the edges of a trace. */
export interface EdgeMasks {
  get(edge: EdgeId): EdgeId | null;
  drop(edge: EdgeId): unknown;
}

/** Goes through the calls as tfjs makes them, keeping account of the mask it hands out. */
export function followRuns(
  runs: readonly Run[],
  handed: HandedMask,
  masks: EdgeMasks,
  onCall: (call: TracedCall, handed: HandedMask) => void,
): void {
  for (const run of runs) {
    if ('call' in run) {
      // Inputs are there before the first call.
      if (run.call.className !== 'InputLayer') handed.see(run.call.inputs.map((edge) => masks.get(edge)));
      onCall(run, handed);
    } else {
      handed.see(run.inputs.map((edge) => masks.get(edge)));
      followRuns(run.runs, handed.inside(), masks, onCall);
      // A model's outputs carry no masks.
      for (const edge of run.outputs) masks.drop(edge);
    }
  }
}
