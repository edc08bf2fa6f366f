import type { EdgeId } from '../steps/graph.js';
import { cropStep, type Margin, padStep } from '../steps/relabel.js';
import type { SymbolicShape } from '../tensors/shape.js';
import type { StepBuilder } from './adapter.js';

// With padding `same` and windows smaller than their stride, the windows of three-dimensional layers need fewer elements
// than there are. TensorFlow then leaves out the last ones. tfjs (in conv3d and pooling over three axes only) takes the
// difference for negative padding, half of which is in front: a convolution of 1 with stride 2 reads elements 1, 3, 5
// instead of 0, 2, 4. The steps do what tfjs does.

/** Elements that negative padding leaves out of a three-dimensional input, per axis where there are any. */
function leftOut(spatial: SymbolicShape, reach: readonly number[], strides: readonly number[]): Margin[] {
  return spatial.flatMap((size, index) => {
    const [stride, taps] = [strides[index] ?? 1, reach[index] ?? 1];
    if (size === null) return [];
    const total = size - (Math.ceil(size / stride) - 1) * stride - taps;
    return total > 0 ? [{ axis: index + 1, before: Math.ceil(total / 2), after: Math.floor(total / 2) }] : [];
  });
}

/**
 * Crops what negative padding leaves out of `x [batch, ...spatial, channels]`; for three spatial axes only.
 *
 * @param reach Size of the window per axis, dilation included.
 */
export function addSameCrop(
  to: StepBuilder,
  x: EdgeId,
  spatial: SymbolicShape,
  reach: readonly number[],
  strides: readonly number[],
): EdgeId {
  const margins = spatial.length === 3 ? leftOut(spatial, reach, strides) : [];
  return margins.length === 0 ? x : to.add(cropStep(margins), [x], 'crop');
}

/** By how many elements negative padding shifts the result of a transposed convolution, per axis where it does. */
export function sameShift(window: readonly number[], strides: readonly number[]): Margin[] {
  if (window.length !== 3) return [];
  return window.flatMap((size, index) => {
    const shift = Math.ceil(((strides[index] ?? 1) - size) / 2);
    return shift > 0 ? [{ axis: index + 1, before: shift, after: -shift }] : [];
  });
}

/** Zeros move in from the front, zeros fall off at the end. */
export function shiftBy(margins: readonly Margin[]) {
  return { ...padStep(margins), name: 'shift' };
}
