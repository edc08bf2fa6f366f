import type { NormalizeStep } from '../steps/step.js';
import type { Weight } from '../tensors/weight.js';
import type { LayerAdapter } from './adapter.js';
import { booleanOf, numberOf, numbersOf } from './config.js';

/** LayerNormalization over one axis or several. */
export const layerNormAdapter: LayerAdapter = (call, to) => {
  const gamma = booleanOf(call, 'scale', true) ? call.weight('gamma') : null;
  const beta = booleanOf(call, 'center', true) ? call.weight('beta') : null;
  const axes = numbersOf(call, 'axis', 1, -1);
  to.output(to.add(layerNormStep(gamma, beta, axes, numberOf(call, 'epsilon', 1e-3)), to.inputs));
};

/** `(x - mean) / sqrt(variance + epsilon) · gamma + beta` over some axes. */
export function layerNormStep(
  gamma: Weight | null,
  beta: Weight | null,
  axes: readonly number[] = [-1],
  epsilon = 1e-3,
): NormalizeStep {
  return { kind: 'normalize', name: 'layer norm', axes, epsilon, centered: true, gamma, beta };
}
