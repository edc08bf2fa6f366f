import { layerNormStep } from '../steps/normalize.js';
import type { LayerAdapter } from './adapter.js';
import { booleanOf, numberOf, numbersOf } from './config.js';

/** LayerNormalization over one axis or several. */
export const layerNormAdapter: LayerAdapter = (call, to) => {
  const gamma = booleanOf(call, 'scale', true) ? call.weight('gamma') : null;
  const beta = booleanOf(call, 'center', true) ? call.weight('beta') : null;
  const axes = numbersOf(call, 'axis', 1, -1);
  to.output(to.add(layerNormStep(gamma, beta, axes, numberOf(call, 'epsilon', 1e-3)), to.inputs));
};
