import type { Layer, LayerCall } from '../graph/call.js';
import type { EdgeId } from '../steps/graph.js';
import type { Step } from '../steps/step.js';

/** Where an adapter writes the steps of one layer call. */
export interface StepBuilder {
  /** The edges of the call's inputs, in order. */
  readonly inputs: readonly EdgeId[];
  /** Adds a step that reads `inputs`; `role` names it inside the layer (`activation`, `depthwise`). Answers its output. */
  add(step: Step, inputs: readonly EdgeId[], role?: string): EdgeId;
  /** Names the edges that are the call's outputs, in order. */
  output(...edges: readonly EdgeId[]): void;
}

/** Says what one layer computes, by steps. It reads the call's configuration and weights; it never runs anything. */
export type LayerAdapter = (call: LayerCall, to: StepBuilder) => void;

/** A layer class, as `tf.layers.Layer` subclasses are declared. */
export interface LayerClass {
  readonly className?: string;
  // A constructor of any arguments: the class is only compared, never called.
  new (...args: never[]): Layer;
}
