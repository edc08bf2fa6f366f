import type { Layer, LayerCall } from '../graph/call.js';
import type { EdgeId } from '../steps/graph.js';
import type { CarriedState, Step } from '../steps/step.js';

/** Where an adapter writes the steps of one layer call. */
export interface StepBuilder {
  /** The edges of the call's inputs, in order. */
  readonly inputs: readonly EdgeId[];
  /** Adds a step that reads `inputs`; `role` names it inside the layer (`activation`, `depthwise`). Answers its output. */
  add(step: Step, inputs: readonly EdgeId[], role?: string): EdgeId;
  /**
   * Adds a sub-graph repeated over time, see {@link ScanStep}. `body` writes it: it is given the edges of one time slice
   * of each sequence and of the states, and answers the new states and whatever else the layer puts out. Answers the edge
   * of the record of all time steps, `[batch, time, Σ sizes]`.
   */
  scan(options: ScanOptions, body: ScanBody): EdgeId;
  /** Names the edges that are the call's outputs, in order. */
  output(...edges: readonly EdgeId[]): void;
}

/** What {@link StepBuilder.scan} is told besides the body. */
export interface ScanOptions {
  /** Printed in the plan's table: `lstm over time`. */
  readonly name: string;
  /** Edges of the sequences, `[batch, time, ...]` each. */
  readonly sequences: readonly EdgeId[];
  readonly states: readonly CarriedState[];
  /** Edges of the initial states; none for zeros or a stateful layer's own. */
  readonly initial?: readonly EdgeId[];
  /** Shapes, per sample, of what the body answers besides the states. */
  readonly extras?: readonly (readonly number[])[];
  readonly backwards?: boolean;
  readonly role?: string;
}

/** Writes the body of a scan; answers the edges of the new states, then of the extras. */
export type ScanBody = (
  to: Pick<StepBuilder, 'add' | 'scan'>,
  slices: readonly EdgeId[],
  states: readonly EdgeId[],
) => readonly EdgeId[];

/** Says what one layer computes, by steps. It reads the call's configuration and weights; it never runs anything. */
export type LayerAdapter = (call: LayerCall, to: StepBuilder) => void;

/** A layer class, as `tf.layers.Layer` subclasses are declared. */
export interface LayerClass {
  readonly className?: string;
  // A constructor of any arguments: the class is only compared, never called.
  new (...args: never[]): Layer;
}
