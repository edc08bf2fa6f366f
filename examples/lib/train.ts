// The training loop that the examples share.
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel, ModelCompileArgs } from '@tensorflow/tfjs-layers';

/** Inputs and targets of one step of training. */
export interface Lesson {
  readonly inputs: tf.Tensor;
  readonly targets: tf.Tensor;
}

/** How to train. */
export interface Training {
  readonly loss: Exclude<ModelCompileArgs['loss'], undefined>;
  readonly steps: number;
  /** Adam's learning rate at the beginning; it falls to zero along half a cosine. */
  readonly highestRate: number;
  /** Draws the samples of the next step, none of them seen before; the loop disposes them. */
  readonly draw: () => Lesson;
}

/** Adam whose learning rate may change between steps. */
class AdjustableAdam extends tf.AdamOptimizer {
  setLearningRate(rate: number): void {
    this.learningRate = rate;
  }
}

/** Trains a model and prints its loss ten times on the way. Answers the loss, averaged over the last steps. */
export async function train(model: LayersModel, { loss, steps, highestRate, draw }: Training): Promise<number> {
  const optimizer = new AdjustableAdam(highestRate, 0.9, 0.999, 1e-7);
  model.compile({ optimizer, loss });
  let smoothLoss = Number.NaN;
  for (let step = 1; step <= steps; step++) {
    optimizer.setLearningRate((highestRate / 2) * (1 + Math.cos((Math.PI * step) / steps)));
    const { inputs, targets } = draw();
    // Without metrics trainOnBatch answers with the loss alone.
    const now = (await model.trainOnBatch(inputs, targets)) as number;
    tf.dispose([inputs, targets]);
    smoothLoss = step === 1 ? now : 0.95 * smoothLoss + 0.05 * now;
    if (step % Math.ceil(steps / 10) === 0) console.log(`step ${step} of ${steps}: loss ${smoothLoss.toPrecision(3)}`);
  }
  return smoothLoss;
}
