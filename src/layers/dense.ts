import { denseStep } from '../steps/linear.js';
import { addActivation } from './activation.js';
import type { LayerAdapter } from './adapter.js';

/** Dense, for inputs of any rank. */
export const denseAdapter: LayerAdapter = (call, to) => {
  const z = to.add(denseStep(call.weight('kernel'), call.optionalWeight('bias')), to.inputs);
  to.output(addActivation(call, to, z));
};
