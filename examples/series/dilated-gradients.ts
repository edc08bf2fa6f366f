// tfjs does not differentiate dilated convolutions. A dilated convolution is one without dilation whose filter has zeros
// between its values, and that one has gradients: dX is that of the wide filter, dW is picked out of the gradient by it.
import * as tf from '@tensorflow/tfjs-core';

/** Gives convolutions with dilation along the width, as Conv1D has them, a gradient. Calling it twice does no harm. */
export function registerDilatedGradients(): void {
  const known = tf.getGradient(tf.Conv2D);
  tf.unregisterGradient(tf.Conv2D);
  tf.registerGradient({
    kernelName: tf.Conv2D,
    inputsToSave: ['x', 'filter'],
    gradFunc: (dy, saved, attrs) => {
      // The registry types the parts of all kernels alike; these are what tfjs passes to this one.
      const { dilations, ...others } = attrs as unknown as tf.Conv2DAttrs;
      const [, rate] = Array.isArray(dilations) ? dilations : [dilations, dilations];
      if (!rate || rate === 1) return known.gradFunc(dy, saved, attrs);
      const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
      return dilatedGradients(dy as tf.Tensor4D, x, filter, rate, others);
    },
  });
}

type Attrs = Omit<tf.Conv2DAttrs, 'dilations'>;

function dilatedGradients(dy: tf.Tensor4D, x: tf.Tensor4D, filter: tf.Tensor4D, rate: number, attrs: Attrs) {
  const { strides, pad, dataFormat, dimRoundingMode } = attrs;
  const shared = { strides, pad, dataFormat, dimRoundingMode };
  const wide = widen(filter, rate);
  const run = (kernel: string, inputs: Record<string, tf.Tensor>, own: object): tf.Tensor4D =>
    // Attributes are typed for all kernels alike.
    tf.engine().runKernel(kernel, inputs, { ...shared, ...own } as unknown as tf.NamedAttrMap) as tf.Tensor4D;
  return {
    x: () => run(tf.Conv2DBackpropInput, { dy, filter: wide }, { inputShape: x.shape }),
    filter: () => {
      const all = run(tf.Conv2DBackpropFilter, { x, dy }, { filterShape: wide.shape });
      const places = Array.from({ length: filter.shape[1] }, (_, index) => index * rate);
      return tf.gather(all, tf.tensor1d(places, 'int32'), 1);
    },
  };
}

/** The filter `[height, width, in, out]` with `rate - 1` columns of zeros between its columns. */
export function widen(filter: tf.Tensor4D, rate: number): tf.Tensor4D {
  const columns = tf.split(filter, filter.shape[1], 1);
  const [height, , inputs, outputs] = filter.shape;
  const gap = tf.zeros([height, rate - 1, inputs, outputs]);
  return tf.concat(
    columns.flatMap((column, index) => (index === 0 ? [column] : [gap, column])),
    1,
  ) as tf.Tensor4D;
}
