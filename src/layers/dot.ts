import type { LayerCall } from '../graph/call.js';
import { dotStep } from '../steps/product.js';
import type { NormalizeStep } from '../steps/step.js';
import type { LayerAdapter } from './adapter.js';
import { booleanOf, cannotLower, numbersOf, rankOf } from './config.js';

/** What tfjs puts in place of a squared length that is smaller. It is a setting of tfjs-layers that nobody can read. */
const SMALLEST_SQUARE = 1e-7;

/** Dot: a product of matrices or vectors. With `normalize` both operands are divided by their length first. */
export const dotAdapter: LayerAdapter = (call, to) => {
  const axes = axesOf(call);
  const operands = booleanOf(call, 'normalize', false)
    ? to.inputs.map((input, index) => to.add(l2NormalizeStep(axes[index] ?? 1), [input], `normalize-${index}`))
    : to.inputs;
  // Its output has other axes, so that tfjs ends the masks here.
  to.mask(null);
  to.output(to.add(dotStep(axes), operands));
};

/** Divides by the length along one axis: a normalization without mean, so that relevance goes as it does there. */
export function l2NormalizeStep(axis: number, epsilon = SMALLEST_SQUARE): NormalizeStep {
  return {
    kind: 'normalize',
    name: 'l2 norm',
    axes: [axis],
    epsilon,
    centered: false,
    divisor: 'length',
    gamma: null,
    beta: null,
  };
}

function axesOf(call: LayerCall): [number, number] {
  const [first = -1, second = first] = numbersOf(call, 'axes', 2).map((axis, index) =>
    axis < 0 ? axis + rankOf(call, index) : axis,
  );
  if (first !== 0 && second !== 0) return [first, second];
  throw cannotLower(call, 'it sums over axis 0, the batch. Relevance belongs to one sample; use axes from 1 on.');
}
