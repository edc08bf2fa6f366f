import { differsMaskStep } from '../steps/mask.js';
import { maskStep } from '../steps/select.js';
import type { LayerAdapter } from './adapter.js';
import { numberOf } from './config.js';

/** Masking: time steps whose features all have the mask value are set to 0, and masked in the layers after it. */
export const maskingAdapter: LayerAdapter = (call, to) => {
  const value = numberOf(call, 'maskValue', 0);
  to.mask(to.add(differsMaskStep(value), to.inputs, 'mask'));
  to.output(to.add(maskStep(value), to.inputs));
};
