import type { StepNode } from '../steps/graph.js';

/** Where a pass pauses, so that the event loop may have its turn. */
export interface Pause {
  readonly node: StepNode;
  /** False inside a step that goes on, such as a scan between two time steps. */
  readonly finished: boolean;
}
