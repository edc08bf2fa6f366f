import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/** Share of outputs that are on the right side of a half. Inputs and labels (0 or 1, of the output's shape) are disposed. */
export async function binaryAccuracy(model: LayersModel, inputs: tf.Tensor, labels: tf.Tensor): Promise<number> {
  return shareOfTrue(() => tf.equal(tf.round(model.predict(inputs) as tf.Tensor), labels), [inputs, labels]);
}

/** Share of samples whose strongest output is the labelled one. Inputs and labels (one-hot) are disposed. */
export async function classAccuracy(model: LayersModel, inputs: tf.Tensor, labels: tf.Tensor): Promise<number> {
  const strongest = () => tf.equal(tf.argMax(model.predict(inputs) as tf.Tensor, -1), tf.argMax(labels, -1));
  return shareOfTrue(strongest, [inputs, labels]);
}

async function shareOfTrue(compare: () => tf.Tensor, used: tf.Tensor[]): Promise<number> {
  const share = tf.tidy(() => tf.mean(tf.cast(compare(), 'float32')));
  const [value = Number.NaN] = await share.data();
  tf.dispose([share, ...used]);
  return value;
}
