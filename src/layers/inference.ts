import type { LayerAdapter } from './adapter.js';

/** Dropout and noise layers: they act in training only. */
export const inferenceAdapter: LayerAdapter = (_call, to) => to.output(...to.inputs);
