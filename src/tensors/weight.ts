import type { Tensor } from '@tensorflow/tfjs-core';
import type { Shape } from './shape.js';

/**
 * A weight of the user's model, or something computed from such weights: the plan reads it when it is needed, so that
 * training goes on being seen. Nothing is computed when a weight is described.
 */
export interface Weight {
  /** For messages: `dense_1/kernel`, `fold(conv_1/kernel)`. */
  readonly name: string;
  /** Shape of the value. */
  readonly shape: Shape;
  /** The user's variables it depends on. A change of their data makes everything derived from them stale. */
  readonly sources: readonly Tensor[];
  /** The value, from the values of `inputs`; a variable answers itself. Called inside a tidy. */
  readonly value: () => Tensor;
  /** True when `value` makes a new tensor, false when it hands out the user's own. */
  readonly derived: boolean;
}

/** The user's own variable as a weight. */
export function variableWeight(name: string, variable: Tensor): Weight {
  return { name, shape: variable.shape, sources: [variable], value: () => variable, derived: false };
}

/** A weight computed from others by `make`. */
export function derivedWeight(
  name: string,
  shape: Shape,
  inputs: readonly Weight[],
  make: (...values: Tensor[]) => Tensor,
): Weight {
  const sources = [...new Set(inputs.flatMap((input) => input.sources))];
  return { name, shape, sources, value: () => make(...inputs.map((input) => input.value())), derived: true };
}
