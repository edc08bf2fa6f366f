import * as tf from '@tensorflow/tfjs-core';
import type { ElementwiseStep } from './step.js';

/** An elementwise step; see {@link ElementwiseStep} for the options. */
export function elementwise(
  name: string,
  apply: ElementwiseStep['apply'],
  options: Omit<ElementwiseStep, 'kind' | 'name' | 'apply'> = {},
): ElementwiseStep {
  return { kind: 'elementwise', name, apply, ...options };
}

/** `1 - x`: what a gate holds back. */
export function complementStep(): ElementwiseStep {
  return elementwise('1 - x', (x) => tf.sub(1, x), { derivative: (x) => tf.neg(tf.onesLike(x)) });
}
