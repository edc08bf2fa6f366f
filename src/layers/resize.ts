import * as tf from '@tensorflow/tfjs-core';
import { fixedStep, rescaleStep } from '../steps/linear.js';
import { upsampleStep } from '../steps/relabel.js';
import { imageResize, type Resize, resizeMap, resizeStep } from '../steps/resize-map.js';
import type { Step } from '../steps/step.js';
import { asFloat } from '../tensors/as-float.js';
import type { Shape } from '../tensors/shape.js';
import type { LayerAdapter } from './adapter.js';
import { inChannelsLast } from './channels.js';
import { booleanOf, numberOf, numbersOf, onlyInput, stringOf } from './config.js';

/** UpSampling2D: nearest copies pixels, bilinear mixes them. */
export const upSamplingAdapter: LayerAdapter = (call, to) => {
  const [rows = 1, columns = rows] = numbersOf(call, 'size', 2, 2);
  const step = upSampling(rows, columns, stringOf(call, 'interpolation', 'nearest'));
  to.output(inChannelsLast(call, to, onlyInput(call, to.inputs), (x) => to.add(step, [x])));
};

/** Resizing. `cropToAspectRatio` does not crop in tfjs: it tells whether corners are aligned. */
export const resizingAdapter: LayerAdapter = (call, to) => {
  const [height, width] = [numberOf(call, 'height'), numberOf(call, 'width')];
  const aligned = !booleanOf(call, 'cropToAspectRatio', false);
  const nearest = stringOf(call, 'interpolation', 'bilinear') === 'nearest';
  const resize = imageResize(nearest ? 'nearest' : 'bilinear', () => [height, width], aligned);
  const name = `resize ${height}x${width}`;
  const geometry = `${name} bilinear${aligned ? ' aligned' : ''}`;
  to.output(to.add(nearest ? resizeStep(name, resize) : fixedStep(name, resizeMap(geometry, resize)), to.inputs));
};

/**
 * CenterCrop. An image smaller than the crop on some side is stretched instead. Which of the two happens shows only at
 * run time: tfjs overwrites the shape of the layer's input with that of its output.
 */
export const centerCropAdapter: LayerAdapter = (call, to) => {
  const [height, width] = [numberOf(call, 'height'), numberOf(call, 'width')];
  to.output(to.add(resizeStep(`center crop ${height}x${width}`, centerCrop(height, width)), to.inputs));
};

/** Rescaling. */
export const rescalingAdapter: LayerAdapter = (call, to) => {
  to.output(to.add(rescaleStep(numberOf(call, 'scale'), numberOf(call, 'offset', 0)), to.inputs));
};

function upSampling(rows: number, columns: number, interpolation: string): Step {
  if (interpolation === 'nearest') return upsampleStep([rows, columns]);
  const name = `upsample bilinear ${rows}x${columns}`;
  const resize = imageResize('bilinear', ([, height = 1, width = 1]) => [height * rows, width * columns]);
  return fixedStep(name, resizeMap(name, resize));
}

/**
 * The pixels that the layer picks. Its boxes are relative to the image and not always in the middle, and it picks the
 * nearest of evenly spaced positions. The indices are computed here and not by `tf.image.cropAndResize`: rounding makes
 * some backends take the last position for one outside of the image.
 */
function centerCrop(height: number, width: number): Resize {
  const stretch = imageResize('bilinear', () => [height, width]);
  const picks = ([, rows = 1, columns = 1]: Shape) => {
    const top = Math.floor((rows - height) / 2);
    const half = Math.floor((columns - width) / 2);
    const left = columns !== width && half === 0 ? 1 : half;
    return top < 0 || left < 0 ? null : ([pick(rows, top, height), pick(columns, left, width)] as const);
  };
  return {
    apply: (x) =>
      tf.tidy(() => {
        const picked = picks(x.shape);
        return picked ? tf.gather(tf.gather(x, [...picked[0]], 1), [...picked[1]], 2) : stretch.apply(x);
      }),
    matrices: (shape) => {
      const picked = picks(shape);
      if (!picked) return stretch.matrices(shape);
      const [, rows = 1, columns = 1] = shape;
      return [selection(picked[0], rows), selection(picked[1], columns)];
    },
  };
}

/** Indices of `count` pixels of a box that begins at `begin`, on an axis of `size`. */
function pick(size: number, begin: number, count: number): number[] {
  const [first, last] = [begin / size, (begin + count) / size];
  return Array.from({ length: count }, (_, index) => {
    const along = count > 1 ? first + (index * (last - first)) / (count - 1) : (first + last) / 2;
    return Math.min(Math.round(along * (size - 1)), size - 1);
  });
}

/** One row per picked element, with a 1 in its place. */
function selection(picked: readonly number[], size: number): tf.Tensor2D {
  const ones = asFloat(tf.oneHot(tf.tensor1d([...picked], 'int32'), size));
  return tf.reshape(ones, [picked.length, size]);
}
