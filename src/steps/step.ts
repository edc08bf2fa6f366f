import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from '../tensors/shape.js';
import type { Weight } from '../tensors/weight.js';
import type { StepGraph } from './graph.js';
import type { LinearMap } from './linear-map.js';

/** The closed set of things a layer can do, as far as relevance is concerned. */
export type StepKind = Step['kind'];

/** Reads the present value of a weight; whoever runs a step provides it. */
export type ReadWeight = (weight: Weight) => Tensor;

/** What is known of the values on an edge before any input is seen. */
export type Sign = 'nonnegative' | 'any';

interface StepBase {
  /** Printed in the plan's table: `conv2d 3x3`, `relu`, `max pool 2x2`. */
  readonly name: string;
}

/** `y = W x + b`, the map of Dense, convolutions, batch normalization, Add, average pooling, bilinear upsampling. */
export interface LinearStep extends StepBase {
  /** Tells the kinds of step apart. */
  readonly kind: 'linear';
  /** The map without bias. */
  readonly map: LinearMap;
  /** Null where the coefficients are fixed; they are then never negative. */
  readonly kernel: Weight | null;
  /** Null where there is none. */
  readonly bias: Weight | null;
  /** Axis of the output along which the bias runs, counted from the end. Default -1, the last. */
  readonly biasAxis?: number;
  /**
   * Kernel axes that together index the input channel and the output channel. Present where a batch normalization may
   * be folded into the kernel.
   */
  readonly channels?: { readonly input: readonly number[]; readonly output: readonly number[] };
  /** False where zero padding (or a varying number of inputs per output) makes a constant shift at the input inexact. */
  readonly shiftsExactly?: boolean;
  /** True for `y_i = w_i x_i + b_i`: as many outputs as inputs, in their places. */
  readonly diagonal?: boolean;
  /**
   * Present on a diagonal map with one factor per channel that may be folded into a neighbour: the channel's axis,
   * counted from the end (-1 is the last).
   */
  readonly foldsAlong?: number;
}

/** `y = f(x)` element by element. */
export interface ElementwiseStep extends StepBase {
  /** Tells the kinds of step apart. */
  readonly kind: 'elementwise';
  /** `f(x)`. */
  apply(x: Tensor, read: ReadWeight): Tensor;
  /** `f'(x)`; absent where nobody needs it. */
  derivative?(x: Tensor, y: Tensor, read: ReadWeight): Tensor;
  /** Sign of the output given that of the input. */
  readonly sign?: (input: Sign) => Sign;
  /** True when `f(0) = 0`. */
  readonly keepsZero?: boolean;
  /** True when `f(x) = 0` for every `x ≤ 0`, as in ReLU. */
  readonly deadBelowZero?: boolean;
  /** True when `f(x) = x` for every `x > 0`. */
  readonly keepsPositive?: boolean;
  /** True for maps from a score to a probability, which the analysis sets aside at a model output. */
  readonly link?: boolean;
}

/** One source among several is passed on: max pooling, Maximum, Minimum, embedding lookup, masking. */
export interface SelectStep extends StepBase {
  /** Tells the kinds of step apart. */
  readonly kind: 'select';
  /** The output for the inputs. */
  apply(xs: readonly Tensor[], read: ReadWeight): Tensor;
  /** Gives the relevance of each output to the source that was selected; the first one where several tie. */
  route(rOut: Tensor, xs: readonly Tensor[], y: Tensor): (Tensor | null)[];
  /** Sum over the same candidates, for sharing in proportion; absent where nothing of the kind makes sense. */
  readonly candidates?: LinearMap;
  /** Sign of the output given those of the inputs. */
  readonly sign?: (inputs: readonly Sign[]) => Sign;
  /** Relevance that `route` gives to nobody (masked positions), per element; absent when there is none. */
  lost?(rOut: Tensor, xs: readonly Tensor[]): Tensor;
  /** The column of the ledger for what is lost: `bias` where it belongs to a constant. Default `padding`. */
  readonly lostTo?: 'padding' | 'bias';
}

/** A product of two or more signals, linear in each: Multiply, Dot, gates, attention scores. */
export interface BilinearStep extends StepBase {
  /** Tells the kinds of step apart. */
  readonly kind: 'bilinear';
  /** The output for the operands. */
  apply(xs: readonly Tensor[]): Tensor;
  /** `x_k ⊙ ∂(Σ_j s_j y_j)/∂x_k`: what operand `k` earns when it takes all, given `s = R / y`. */
  earn(operand: number, s: Tensor, xs: readonly Tensor[]): Tensor;
  /** True for products element by element, where `earn` is `R` itself (summed over broadcast axes). */
  readonly elementwise: boolean;
  /** Sums relevance of the output's shape over the axes along which operand `k` was broadcast. Elementwise only. */
  collect?(operand: number, relevance: Tensor, xs: readonly Tensor[]): Tensor;
  /** Shape of the output; absent where nobody needs it. */
  readonly outputShape?: (shapes: readonly Shape[]) => readonly number[];
  /** Multiply-adds of the output, and of what each operand earns; absent for products element by element. */
  readonly multiplyAdds?: (shapes: readonly Shape[]) => number;
  /** The operand that carries the signal, the others being gates or weights; absent where none is known. */
  readonly signal?: number;
}

/**
 * `y = softmax(x)` along one axis. A second input, where there is one, is a mask that broadcasts against `x`: where it is
 * 0, a large number is taken from `x` first, so that `y` is 0 (but for rows in which everything is masked).
 */
export interface SoftmaxStep extends StepBase {
  /** Tells the kinds of step apart. */
  readonly kind: 'softmax';
  /** Axis counted from the end: -1 is the last. */
  readonly axis: number;
  /** True for log-softmax. */
  readonly logarithm: boolean;
}

/** `y = (x - mean) / sd · gamma + beta` over some axes: layer, RMS and L2 normalization. */
export interface NormalizeStep extends StepBase {
  /** Tells the kinds of step apart. */
  readonly kind: 'normalize';
  /** The axes over which mean and deviation are taken. */
  readonly axes: readonly number[];
  /** Added to the variance. */
  readonly epsilon: number;
  /** False for RMS and L2 normalization, which subtract no mean. */
  readonly centered: boolean;
  /** `deviation` (default): `sd = sqrt(mean of squares + epsilon)`. `length`: `sd = sqrt(max(sum of squares, epsilon))`. */
  readonly divisor?: 'deviation' | 'length';
  /** Factor, or null. */
  readonly gamma: Weight | null;
  /** Summand, or null. */
  readonly beta: Weight | null;
}

/** Elements move but do not change: reshape, permute, concatenate, crop, pad, repeat. */
export interface RelabelStep extends StepBase {
  /** Tells the kinds of step apart. */
  readonly kind: 'relabel';
  /** The output for the inputs. */
  apply(xs: readonly Tensor[]): Tensor;
  /** Sends each element's relevance back to where it came from: one tensor per input. */
  back(rOut: Tensor, shapes: readonly Shape[]): Tensor[];
  /** Relevance that `back` gives to nobody (padding), batch first, in any shape; absent when there is none. */
  lost?(rOut: Tensor): Tensor;
  /** True where what `lost` looks at are zeros, which earn nothing from rules that share in proportion to values. */
  readonly losesOnlyZeros?: boolean;
  /** Sign of the output given those of the inputs; default: nonnegative when all inputs are. */
  readonly sign?: (inputs: readonly Sign[]) => Sign;
  /** Shape of the output; absent where nobody needs it. */
  readonly outputShape?: (shapes: readonly Shape[]) => readonly number[];
  /** True where elements are mixed after all (a stretching crop): silent outputs then say nothing of silent inputs. */
  readonly mixes?: boolean;
  /** Present on a permutation: `y`'s axis `k` is `x`'s axis `permutation[k]`. */
  readonly permutation?: readonly number[];
  /** True when every element of the output is an element of the input, once (nothing padded, cropped or repeated). */
  readonly bijective: boolean;
}

/** A state carried from one time step to the next. */
export interface CarriedState {
  /** Shape of one sample. */
  readonly shape: readonly number[];
  /** Its value before the first step where no input gives it (a stateful layer); zeros when absent. */
  readonly initial?: () => Tensor | null;
}

/**
 * A sub-graph repeated over time. The body reads one time slice of each sequence, then the states; it answers the new
 * states, then further results. All of these, flattened and side by side, are the step's output at that time:
 * `[batch, time, Σ sizes]`. Relabel steps after it pick what the layer answers, so the output is also the record of all
 * states from which the backward pass takes up any time step again.
 */
export interface ScanStep extends StepBase {
  /** Tells the kinds of step apart. */
  readonly kind: 'scan';
  /** Inputs: slices of the sequences, then the states. Outputs: the new states, then `extras`. */
  readonly body: StepGraph;
  /** How many inputs are sequences `[batch, time, ...]`; the inputs after them are initial states, all or none. */
  readonly sequences: number;
  /** What is carried from one time step to the next. */
  readonly states: readonly CarriedState[];
  /** Shapes, per sample, of what the body answers besides the states. */
  readonly extras: readonly (readonly number[])[];
  /** True when time runs from the last slice to the first. The output is in the order of processing. */
  readonly backwards: boolean;
}

/**
 * A layer nobody described, run as it is and differentiated by tfjs: an approximation one has to ask for. The step makes
 * one of the layer's outputs from its inputs.
 */
export interface OpaqueStep extends StepBase {
  /** Tells the kinds of step apart. */
  readonly kind: 'opaque';
  /** The output for the inputs. */
  apply(xs: readonly Tensor[]): Tensor;
  /** `∂(Σ_j s_j y_j)/∂x_k` for each input, in its shape. */
  gradients(s: Tensor, xs: readonly Tensor[]): Tensor[];
}

/** One primitive operation. Rules meet steps, never layers. */
export type Step =
  | LinearStep
  | ElementwiseStep
  | SelectStep
  | BilinearStep
  | SoftmaxStep
  | NormalizeStep
  | RelabelStep
  | ScanStep
  | OpaqueStep;
