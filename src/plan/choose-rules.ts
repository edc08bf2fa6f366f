import { type Composite, combine, composite } from '../composites/composite.js';
import { epsilonEverywhere } from '../composites/epsilon.js';
import { epsilonGamma, epsilonGammaBox } from '../composites/epsilon-gamma-box.js';
import { CONVOLUTIONS } from '../composites/families.js';
import { recurrent } from '../composites/recurrent.js';
import { epsilon } from '../rules/epsilon.js';
import type { StepInfo } from './steps-of-model.js';

/** The rules used when the user names none, and the reason. */
export interface ChosenRules {
  readonly composite: Composite;
  readonly why: string;
}

/**
 * Chooses from the model itself, always something that depends on the explained class: ε alone where there is no
 * convolution, a larger one where states are carried through time; γ on convolutions; and z^B on the first one when it reads a picture (2-D, 1 to 4 channels). The last
 * layer takes ε even where it is a convolution: fully convolutional classifiers end in one.
 */
export function chooseRules(steps: readonly StepInfo[]): ChosenRules {
  const convolutions = steps.filter((step) => step.weighted && CONVOLUTIONS.includes(step.inner.className));
  if (convolutions.length === 0 && steps.some(isRecurrent)) {
    return { composite: recurrent(), why: 'chosen by default: a recurrent model' };
  }
  if (convolutions.length === 0) {
    return { composite: epsilonEverywhere(), why: 'chosen by default: the model has no convolution' };
  }
  const readsPicture = convolutions.some((step) => step.before.size === 0 && isPicture(step));
  if (readsPicture)
    return {
      composite: endingIn(epsilonGammaBox()),
      why: 'chosen by default: a convolutional model that reads pictures',
    };
  return { composite: endingIn(epsilonGamma()), why: 'chosen by default: a convolutional model' };
}

/** LRP-ε on the last weighted layer, the composite elsewhere. */
function endingIn(base: Composite): Composite {
  const last = composite('last-epsilon', [{ match: { position: 'last' }, rule: epsilon(), optional: true }]);
  return { ...combine(last, base), name: base.name };
}

/** True for a scan that carries states, as recurrent layers are. */
function isRecurrent({ node: { step } }: StepInfo): boolean {
  return step.kind === 'scan' && step.states.length > 0;
}

function isPicture(step: StepInfo): boolean {
  const shape = step.inner.inputShapes[0];
  const channels = shape?.[3];
  return shape?.length === 4 && typeof channels === 'number' && channels <= 4;
}
