import type { LayerCall } from '../graph/call.js';
import { cropStep, flattenStep, type Margin, padStep, permuteStep, repeatStep, reshapeStep } from '../steps/relabel.js';
import { type Shape, sizeOf } from '../tensors/shape.js';
import type { LayerAdapter } from './adapter.js';
import { addChannelsLast, isChannelsFirst } from './channels.js';
import { cannotLower, numberOf, numbersOf, onlyInput, rankOf } from './config.js';

/** Flatten. With channels first they are moved to the end before. */
export const flattenAdapter: LayerAdapter = (call, to) => {
  const input = onlyInput(call, to.inputs);
  const x = isChannelsFirst(call) ? addChannelsLast(to, input, rankOf(call)) : input;
  to.output(to.add(flattenStep(), [x]));
};

/** Reshape, with one size left open or none. */
export const reshapeAdapter: LayerAdapter = (call, to) => {
  const target = targetShape(call);
  const known = target.reduce<number>((product, size) => product * (size ?? 1), 1);
  const resolve = (shape: Shape) => {
    const rest = sizeOf(shape.slice(1)) / known;
    return [shape[0] ?? 1, ...target.map((size) => size ?? rest)];
  };
  to.output(to.add(reshapeStep(resolve), to.inputs));
};

/** Permute; its `dims` count from 1, the batch being 0. */
export const permuteAdapter: LayerAdapter = (call, to) => {
  to.output(to.add(permuteStep([0, ...numbersOf(call, 'dims', rankOf(call) - 1)]), to.inputs));
};

/** RepeatVector. */
export const repeatVectorAdapter: LayerAdapter = (call, to) => {
  to.output(to.add(repeatStep(numberOf(call, 'n')), to.inputs));
};

/** Cropping2D. */
export const croppingAdapter: LayerAdapter = (call, to) => {
  to.output(to.add(cropStep(marginsOf(call, 'cropping')), to.inputs));
};

/** ZeroPadding2D. */
export const zeroPaddingAdapter: LayerAdapter = (call, to) => {
  to.output(to.add(padStep(marginsOf(call, 'padding')), to.inputs));
};

/** Sizes that are not known, written as null, undefined or a negative number, are null. */
function targetShape(call: LayerCall): (number | null)[] {
  const target = call.config.targetShape;
  if (!Array.isArray(target)) throw cannotLower(call, 'its configuration has no "targetShape".');
  return target.map((size: unknown) => (typeof size === 'number' && size >= 0 ? size : null));
}

/** `[[top, bottom], [left, right]]` of the configuration. */
function marginsOf(call: LayerCall, key: 'cropping' | 'padding'): Margin[] {
  const pairs = call.config[key];
  if (!Array.isArray(pairs)) throw cannotLower(call, `its configuration has no "${key}".`);
  const first = isChannelsFirst(call) ? 2 : 1;
  return pairs.map((pair: unknown, index) => {
    const [before, after] = Array.isArray(pair) ? pair : [pair, pair];
    return { axis: first + index, before: Number(before), after: Number(after) };
  });
}
