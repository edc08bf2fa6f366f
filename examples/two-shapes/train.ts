// Trains the network of the two-shapes example and saves it beside this file.
// Run: npx tsx examples/two-shapes/train.ts
import { writeFile } from 'node:fs/promises';
import { randomLcg } from 'd3-random';
import { binaryAccuracy } from '../lib/accuracy.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { saveTo } from '../lib/file-system.js';
import { train } from '../lib/train.js';
import { percent } from '../lib/truth.js';
import { registerConvolutionGradients } from '../shapes/convolution-gradients.js';
import { labels } from '../shapes/outlines.js';
import { inputsOf, labelsOf, pairs, side } from './generate.js';
import { network } from './network.js';

const steps = 900;
const batchSize = 32;
/** The network's initial weights, the training data and the held-out data each have their own. */
const seeds = { weights: 1, training: 0.1, heldOut: 0.9 };

const here = beside(import.meta.url);

await useWasm();
registerConvolutionGradients();
const model = network(side, labels.length, seeds.weights);
console.log(`${model.countParams()} parameters`);
const random = randomLcg(seeds.training);
await train(model, {
  loss: 'binaryCrossentropy',
  steps,
  highestRate: 0.004,
  draw: () => {
    const drawn = pairs(batchSize, random);
    return { inputs: inputsOf(drawn), targets: labelsOf(drawn) };
  },
});
const heldOut = pairs(500, randomLcg(seeds.heldOut));
const accuracy = await binaryAccuracy(model, inputsOf(heldOut), labelsOf(heldOut));
console.log(`${percent(accuracy)} of the answers for ${heldOut.length} held-out pictures are right`);
await model.save(saveTo(here('model')));
await writeFile(here('model/labels.json'), `${JSON.stringify(labels)}\n`);
