// Trains the shapes network and saves it, with one held-out picture and its mask, beside this file.
// Run: npx tsx examples/shapes/train.ts
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { useWasm } from '../lib/backend.js';
import { saveTo } from '../lib/file-system.js';
import { encodePng } from '../lib/image.js';
import { batch, samples } from './batch.js';
import { registerConvolutionGradients } from './convolution-gradients.js';
import { type Sample, side } from './generate.js';
import { network } from './network.js';
import { labels } from './outlines.js';

const steps = 500;
const batchSize = 32;
const highestRate = 0.003;
const heldOutCount = 2000;
/** The network's initial weights, the training data and the held-out data each have their own. */
const seeds = { weights: 1, training: 0.1, heldOut: 0.9 };

/** Adam whose learning rate may change between steps. */
class AdjustableAdam extends tf.AdamOptimizer {
  setLearningRate(rate: number): void {
    this.learningRate = rate;
  }
}

/** Every step sees new samples; the learning rate falls along half a cosine. */
async function train(model: LayersModel): Promise<void> {
  const optimizer = new AdjustableAdam(highestRate, 0.9, 0.999, 1e-7);
  model.compile({ optimizer, loss: 'categoricalCrossentropy' });
  const random = randomLcg(seeds.training);
  let smoothLoss = Math.log(labels.length);
  for (let step = 1; step <= steps; step++) {
    optimizer.setLearningRate((highestRate / 2) * (1 + Math.cos((Math.PI * step) / steps)));
    const { pictures, classes } = batch(samples(batchSize, random));
    // Without metrics trainOnBatch answers with the loss alone.
    smoothLoss = 0.95 * smoothLoss + 0.05 * ((await model.trainOnBatch(pictures, classes)) as number);
    tf.dispose([pictures, classes]);
    if (step % 50 === 0) console.log(`step ${step} of ${steps}: loss ${smoothLoss.toFixed(3)}`);
  }
}

/** The network's strongest class per sample. */
async function predictions(model: LayersModel, drawn: readonly Sample[]): Promise<number[]> {
  const { pictures, classes } = batch(drawn);
  const strongest = tf.tidy(() => tf.argMax(model.predict(pictures, { batchSize: 100 }) as tf.Tensor, -1));
  const found = Array.from(await strongest.data());
  tf.dispose([pictures, classes, strongest]);
  return found;
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

async function main(): Promise<void> {
  await useWasm();
  registerConvolutionGradients();
  const model = network(side, labels.length, seeds.weights);
  console.log(`${model.countParams()} parameters`);
  await train(model);

  const heldOut = samples(heldOutCount, randomLcg(seeds.heldOut));
  const found = await predictions(model, heldOut);
  const right = heldOut.filter(({ label }, i) => label === found[i]);
  console.log(`held-out accuracy ${((100 * right.length) / heldOut.length).toFixed(2)} % of ${heldOut.length}`);

  await model.save(saveTo(here('model')));
  await writeFile(here('model/labels.json'), `${JSON.stringify(labels)}\n`);
  const shown = right[0];
  if (!shown) throw new Error('no held-out picture was classified correctly');
  await writeFile(here('picture.png'), await encodePng({ width: side, height: side, channels: 3, data: shown.pixels }));
  await writeFile(
    here('picture-mask.png'),
    await encodePng({ width: side, height: side, channels: 1, data: shown.mask }),
  );
}

await main();
