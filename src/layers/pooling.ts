import type { LayerCall } from '../graph/call.js';
import type { WindowGeometry } from '../kernels/window.js';
import { averagePoolStep, describe, globalAverageStep } from '../steps/linear.js';
import { globalMaxStep, maxPoolStep } from '../steps/select.js';
import type { Step } from '../steps/step.js';
import type { LayerAdapter } from './adapter.js';
import { inChannelsLast, isChannelsFirst, spatialOf } from './channels.js';
import { numbersOf, onlyInput, rankOf } from './config.js';
import { paddingOf } from './conv.js';
import { addSameCrop } from './same-padding.js';

/** MaxPooling1D, 2D and 3D. */
export const maxPoolAdapter: LayerAdapter = /* @__PURE__ */ poolAdapter((geometry) =>
  maxPoolStep(geometry, `max pool ${windowName(geometry)}`),
);

/** AveragePooling1D, 2D and 3D. */
export const averagePoolAdapter: LayerAdapter = /* @__PURE__ */ poolAdapter((geometry) =>
  averagePoolStep(geometry, `average pool ${windowName(geometry)}`),
);

/** GlobalMaxPooling1D and 2D. */
export const globalMaxPoolAdapter: LayerAdapter = (call, to) => {
  to.output(to.add(globalMaxStep(spatialAxes(call)), to.inputs));
};

/** GlobalAveragePooling1D and 2D. */
export const globalAveragePoolAdapter: LayerAdapter = (call, to) => {
  to.output(to.add(globalAverageStep(spatialAxes(call)), to.inputs));
};

function poolAdapter(make: (geometry: WindowGeometry) => Step): LayerAdapter {
  return (call, to) => {
    const rank = rankOf(call) - 2;
    const sizes = numbersOf(call, 'poolSize', rank);
    const strides = call.config.strides == null ? sizes : numbersOf(call, 'strides', rank);
    const padding = paddingOf(call);
    const output = inChannelsLast(call, to, onlyInput(call, to.inputs), (x) => {
      const cropped = padding === 'same' ? addSameCrop(to, x, spatialOf(call), sizes, strides) : x;
      return to.add(make({ sizes, strides, padding }), [cropped]);
    });
    to.output(output);
  };
}

/** Strides are named where they are not the window's own size. */
function windowName({ sizes, strides }: WindowGeometry): string {
  const tiles = strides.every((stride, axis) => stride === sizes[axis]);
  return tiles
    ? sizes.join('x')
    : `${describe(sizes, { strides })}${strides.every((stride) => stride === 1) ? ' /1' : ''}`;
}

function spatialAxes(call: LayerCall): number[] {
  const first = isChannelsFirst(call) ? 2 : 1;
  return Array.from({ length: rankOf(call) - 2 }, (_, axis) => axis + first);
}
