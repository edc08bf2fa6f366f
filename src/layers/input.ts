import type { LayerAdapter } from './adapter.js';

/** InputLayer: what comes in goes out. */
export const inputAdapter: LayerAdapter = (_call, to) => to.output(...to.inputs);
