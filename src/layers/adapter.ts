import type { Layer, LayerCall } from '../graph/call.js';
import type { EdgeId } from '../steps/graph.js';
import type { CarriedState, Step } from '../steps/step.js';
import type { SymbolicShape } from '../tensors/shape.js';

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
  /**
   * Lowers another layer in this place by its own adapter: the cell of a recurrent layer, the layer inside a wrapper.
   * Models are opened. It is handed the mask that this layer is handed. `role` stands before the roles of its steps. Answers the edges of its outputs.
   */
  apply(layer: Layer, inputs: readonly EdgeId[], options?: ApplyOptions): readonly EdgeId[];
  /** The mask of an edge, `[batch, time]`, or null: what Masking or an embedding with `maskZero` marked. */
  maskOf(edge: EdgeId): EdgeId | null;
  /**
   * The mask that tfjs hands to the layer's call: its first input's. Where no input has one it is the one that the calls
   * before it were handed, of other branches too, since tfjs goes on handing it out. Null when there has been none.
   */
  readonly handedMask: EdgeId | null;
  /**
   * The edge of a tensor of the model that the call takes by name, `layer.apply(x, {value})`; null when there is none.
   */
  argument(name: string): EdgeId | null;
  /**
   * Says which mask the outputs carry on. Without it a layer that supports masking carries its inputs' mask on, and
   * another ends it, as in tfjs.
   */
  mask(edge: EdgeId | null): void;
  /** Names the edges that are the call's outputs, in order. */
  output(...edges: readonly EdgeId[]): void;
}

/** What the body of a scan is written with. */
export type BodyBuilder = Pick<StepBuilder, 'add' | 'scan' | 'apply' | 'maskOf'>;

/** What {@link StepBuilder.scan} is told besides the body. */
export interface ScanOptions {
  /** Printed in the plan's table: `lstm over time`. */
  readonly name: string;
  /** Edges of the sequences, `[batch, time, ...]` each. */
  readonly sequences: readonly EdgeId[];
  /** What is carried from one time step to the next. */
  readonly states: readonly CarriedState[];
  /** Edges of the initial states; none for zeros or a stateful layer's own. */
  readonly initial?: readonly EdgeId[];
  /** True to run from the last slice to the first. */
  readonly backwards?: boolean;
  /** Whether layers inside are handed the mask that the layer is handed, whole, at every time step. Default false. */
  readonly handsOnMask?: boolean;
  /** Names the step inside the layer. */
  readonly role?: string;
}

/** What {@link StepBuilder.apply} may be told. */
export interface ApplyOptions {
  /** Stands before the roles of its steps. */
  readonly role?: string;
  /** Shapes of the inputs, batch first; needed where the layer's adapter asks for them. */
  readonly inputShapes?: readonly SymbolicShape[];
  /** Arguments of the call that are no tensors: `{useCausalMask: true}`. */
  readonly callArgs?: Readonly<Record<string, unknown>>;
  /** Arguments of the call that are tensors, besides its inputs, as edges by name: `{attentionMask: edge}`. */
  readonly argumentEdges?: Readonly<Record<string, EdgeId>>;
}

/** What the body of a scan answers at each time step. */
export interface BodyAnswer {
  /** Edges of the new states, in the order of the states. */
  readonly states: readonly EdgeId[];
  /** What the record holds besides them, with its shape per sample. */
  readonly extras?: readonly { readonly edge: EdgeId; readonly shape: readonly number[] }[];
}

/** Writes the body of a scan, given the edges of one time slice of each sequence and of the states before it. */
export type ScanBody = (to: BodyBuilder, slices: readonly EdgeId[], states: readonly EdgeId[]) => BodyAnswer;

/** Says what one layer computes, by steps. It reads the call's configuration and weights; it never runs anything. */
export type LayerAdapter = (call: LayerCall, to: StepBuilder) => void;

/** A layer class, as `tf.layers.Layer` subclasses are declared. */
export type LayerClass = (abstract new (
  // Any arguments: the class is only compared, never called.
  ...args: never[]
) => Layer) & {
  /** The name under which tfjs saves the class. */
  readonly className?: string;
};
