// A setup module: a layer class of one's own, and how it is explained.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { defaultRegistry, rescaleStep } from '../../../src/index.js';

class Twice extends tfl.layers.Layer {
  static readonly className = 'Twice';

  override computeOutputShape(shape: tfl.Shape): tfl.Shape {
    return shape;
  }

  override call(inputs: tf.Tensor | tf.Tensor[]): tf.Tensor {
    return tf.mul(Array.isArray(inputs) ? (inputs[0] ?? 0) : inputs, 2);
  }
}
tf.serialization.registerClass(Twice);

export const planOptions = {
  registry: defaultRegistry.with('Twice', (_, to) => to.output(to.add(rescaleStep(2, 0), to.inputs))),
};
