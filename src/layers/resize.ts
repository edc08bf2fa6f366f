import * as tf from '@tensorflow/tfjs-core';
import { fixedStep, rescaleStep } from '../steps/linear.js';
import { upsampleStep } from '../steps/relabel.js';
import { imageResize, type Resize, resizeMap, resizeStep } from '../steps/resize-map.js';
import type { Step } from '../steps/step.js';
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

/** The arithmetic of the layer, whose boxes are relative to the image and not always in the middle. */
function centerCrop(height: number, width: number): Resize {
  const stretch = imageResize('bilinear', () => [height, width]);
  const boxOf = ([, rows = 1, columns = 1]: Shape) => {
    const top = Math.floor((rows - height) / 2);
    const half = Math.floor((columns - width) / 2);
    const left = columns !== width && half === 0 ? 1 : half;
    if (top < 0 || left < 0) return null;
    return [top / rows, left / columns, (height + top) / rows, (width + left) / columns];
  };
  const crop = (x: tf.Tensor4D, box: number[]) => {
    const boxes = tf.tile(tf.tensor2d([box]), [x.shape[0], 1]);
    return tf.image.cropAndResize(x, boxes, tf.range(0, x.shape[0], 1, 'int32'), [height, width], 'nearest');
  };
  return {
    apply: (x) =>
      tf.tidy(() => {
        const box = boxOf(x.shape);
        return box ? crop(x, box) : stretch.apply(x);
      }),
    matrices: (shape) => {
      const box = boxOf(shape);
      return box ? selections(shape, (x) => crop(x, box)) : stretch.matrices(shape);
    },
  };
}

/** The matrices of a selection of rows and columns, told by what an image of row and column numbers becomes. */
function selections(shape: Shape, select: (x: tf.Tensor4D) => tf.Tensor4D): [tf.Tensor2D, tf.Tensor2D] {
  const [, height = 1, width = 1] = shape;
  const rowNumbers = tf.range(1, height + 1);
  const columnNumbers = tf.range(1, width + 1);
  const rows = select(tf.tile(tf.reshape<tf.Rank.R4>(rowNumbers, [1, height, 1, 1]), [1, 1, width, 1]));
  const columns = select(tf.tile(tf.reshape<tf.Rank.R4>(columnNumbers, [1, 1, width, 1]), [1, height, 1, 1]));
  const [, newHeight, newWidth] = rows.shape;
  const row = tf.reshape(tf.slice(rows, [0, 0, 0, 0], [1, newHeight, 1, 1]), [newHeight, 1]);
  const column = tf.reshape(tf.slice(columns, [0, 0, 0, 0], [1, 1, newWidth, 1]), [newWidth, 1]);
  return [tf.cast(tf.equal(row, rowNumbers), 'float32'), tf.cast(tf.equal(column, columnNumbers), 'float32')];
}
