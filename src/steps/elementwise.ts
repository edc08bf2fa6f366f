import type { ElementwiseStep } from './step.js';

/** An elementwise step; see {@link ElementwiseStep} for the options. */
export function elementwise(
  name: string,
  apply: ElementwiseStep['apply'],
  options: Omit<ElementwiseStep, 'kind' | 'name' | 'apply'> = {},
): ElementwiseStep {
  return { kind: 'elementwise', name, apply, ...options };
}
