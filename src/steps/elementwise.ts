import * as tf from '@tensorflow/tfjs-core';
import * as ops from '../tensors/ops.js';
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
  return elementwise('1 - x', (x) => ops.sub(1, x), { derivative: (x) => ops.neg(tf.onesLike(x)) });
}
