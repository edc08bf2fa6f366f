import { maskStep } from '../steps/select.js';
import type { LayerAdapter } from './adapter.js';
import { numberOf } from './config.js';

/** Masking: positions whose features all have the mask value are set to 0. */
export const maskingAdapter: LayerAdapter = (call, to) => {
  to.output(to.add(maskStep(numberOf(call, 'maskValue', 0)), to.inputs));
};
