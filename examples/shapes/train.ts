// Trains the shapes network and saves it, with one held-out picture and its mask, beside this file.
// Run: npx tsx examples/shapes/train.ts
import { writeFile } from 'node:fs/promises';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { saveTo } from '../lib/file-system.js';
import { encodePng } from '../lib/image.js';
import { train } from '../lib/train.js';
import { percent } from '../lib/truth.js';
import { batch, inputsOf, samples } from './batch.js';
import { registerConvolutionGradients } from './convolution-gradients.js';
import { type Sample, side } from './generate.js';
import { network } from './network.js';
import { labels } from './outlines.js';

const steps = 500;
const batchSize = 32;
const heldOutCount = 2000;
/** The network's initial weights, the training data and the held-out data each have their own. */
const seeds = { weights: 1, training: 0.1, heldOut: 0.9 };

const here = beside(import.meta.url);

/** The samples whose strongest class is theirs. */
async function recognised(model: LayersModel, drawn: readonly Sample[]): Promise<Sample[]> {
  const pictures = inputsOf(drawn);
  const strongest = tf.tidy(() => tf.argMax(model.predict(pictures, { batchSize: 100 }) as tf.Tensor, -1));
  const found = await strongest.data();
  tf.dispose([pictures, strongest]);
  return drawn.filter(({ label }, index) => label === found[index]);
}

await useWasm();
registerConvolutionGradients();
const model = network(side, labels.length, seeds.weights);
console.log(`${model.countParams()} parameters`);
const random = randomLcg(seeds.training);
await train(model, {
  loss: 'categoricalCrossentropy',
  steps,
  highestRate: 0.003,
  draw: () => {
    const { pictures, classes } = batch(samples(batchSize, random));
    return { inputs: pictures, targets: classes };
  },
});

const heldOut = samples(heldOutCount, randomLcg(seeds.heldOut));
const right = await recognised(model, heldOut);
console.log(`${percent(right.length / heldOut.length)} of ${heldOut.length} held-out pictures are named rightly`);

await model.save(saveTo(here('model')));
await writeFile(here('model/labels.json'), `${JSON.stringify(labels)}\n`);
// What inputsOf does, for the command line.
await writeFile(here('model/preprocessing.json'), '{ "scale": "1/127.5", "offset": -1 }\n');
const [shown] = right;
if (!shown) throw new Error('no held-out picture was named rightly');
const size = { width: side, height: side };
await writeFile(here('picture.png'), await encodePng({ ...size, channels: 3, data: shown.pixels }));
await writeFile(here('picture-mask.png'), await encodePng({ ...size, channels: 1, data: shown.mask }));
