// The wasm backend predicts fast, but training needs the gradients of a convolution: by the filter it has none, by the
// input only a slow one. With stride 1 both are convolutions themselves, and those are fast:
//   dX = dY, padded, convolved with W turned by half a turn and its channels swapped;
//   dW[i, j, c, d] = sum over b, y, x of X[b, y + i, x + j, c] * dY[b, y, x, d], X padded: a convolution of X by dY in
//   which the channels of X play the batch and the batch plays the channels.
import * as tf from '@tensorflow/tfjs-core';

/** Gives the wasm backend both gradients, for stride 1. Calling it twice does no harm. */
export function registerConvolutionGradients(): void {
  replaceKernel(tf.Conv2DBackpropFilter, (inputs, attrs) => {
    // The registry types inputs and attributes of all kernels alike; these are what tfjs passes to this one.
    const { x, dy } = inputs as { x: tf.Tensor4D; dy: tf.Tensor4D };
    return filterGradient(x, dy, attrs as unknown as tf.Conv2DBackpropFilterAttrs);
  });
  replaceKernel(tf.Conv2DBackpropInput, (inputs, attrs) => {
    // As above.
    const { dy, filter } = inputs as { dy: tf.Tensor4D; filter: tf.Tensor4D };
    return inputGradient(dy, filter, attrs as unknown as tf.Conv2DBackpropInputAttrs);
  });
}

type Kernel = (inputs: tf.NamedTensorInfoMap, attrs: tf.NamedAttrMap | undefined) => tf.Tensor;

function replaceKernel(kernelName: string, kernel: Kernel): void {
  if (tf.getKernel(kernelName, 'wasm')) tf.unregisterKernel(kernelName, 'wasm');
  tf.registerKernel({ kernelName, backendName: 'wasm', kernelFunc: ({ inputs, attrs }) => kernel(inputs, attrs) });
}

function filterGradient(x: tf.Tensor4D, dy: tf.Tensor4D, attrs: tf.Conv2DBackpropFilterAttrs): tf.Tensor4D {
  const { top, bottom, left, right } = padding(x.shape, attrs.filterShape, attrs);
  return tf.tidy(() => {
    const padded = tf.pad(x, [
      [0, 0],
      [top, bottom],
      [left, right],
      [0, 0],
    ]);
    const pictures = tf.transpose<tf.Tensor4D>(padded, [3, 1, 2, 0]);
    const filters = tf.transpose<tf.Tensor4D>(dy, [1, 2, 0, 3]);
    return tf.transpose<tf.Tensor4D>(tf.conv2d(pictures, filters, 1, 'valid'), [1, 2, 0, 3]);
  });
}

function inputGradient(dy: tf.Tensor4D, filter: tf.Tensor4D, attrs: tf.Conv2DBackpropInputAttrs): tf.Tensor4D {
  const { top, bottom, left, right } = padding(attrs.inputShape, filter.shape, attrs);
  const [height, width] = [filter.shape[0] - 1, filter.shape[1] - 1];
  return tf.tidy(() => {
    const turned = tf.transpose<tf.Tensor4D>(tf.reverse(filter, [0, 1]), [0, 1, 3, 2]);
    const around: [number, number][] = [
      [0, 0],
      [height - top, height - bottom],
      [width - left, width - right],
      [0, 0],
    ];
    return tf.conv2d(tf.pad(dy, around), turned, 1, 'valid');
  });
}

type Attrs = Pick<tf.Conv2DBackpropInputAttrs, 'strides' | 'pad' | 'dataFormat'>;
type Shape = [number, number, number, number];

function padding(input: Shape, filter: Shape, { strides, pad, dataFormat }: Attrs): tf.backend_util.PadInfo {
  const conv = tf.backend_util.computeConv2DInfo(input, filter, strides, 1, pad);
  if (conv.strideHeight !== 1 || conv.strideWidth !== 1 || dataFormat !== 'NHWC') {
    throw new Error(`Gradient of a convolution: stride 1 and NHWC expected, got ${strides} and ${dataFormat}`);
  }
  return conv.padInfo;
}
