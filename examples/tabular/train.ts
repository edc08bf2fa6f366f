// Trains the network of the tabular example and saves it beside this file.
// Run: npx tsx examples/tabular/train.ts
import { randomLcg } from 'd3-random';
import { binaryAccuracy } from '../lib/accuracy.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { saveTo } from '../lib/file-system.js';
import { train } from '../lib/train.js';
import { percent } from '../lib/truth.js';
import { inputsOf, labelsOf, rows } from './generate.js';
import { network } from './network.js';

const steps = 2500;
const batchSize = 64;
/** The network's initial weights, the training data and the held-out data each have their own. */
const seeds = { weights: 1, training: 0.1, heldOut: 0.9 };

await useWasm();
const model = network(seeds.weights);
console.log(`${model.countParams()} parameters`);
const random = randomLcg(seeds.training);
await train(model, {
  loss: 'binaryCrossentropy',
  steps,
  highestRate: 0.01,
  draw: () => {
    const drawn = rows(batchSize, random);
    return { inputs: inputsOf(drawn), targets: labelsOf(drawn) };
  },
});
const heldOut = rows(2000, randomLcg(seeds.heldOut));
const accuracy = await binaryAccuracy(model, inputsOf(heldOut), labelsOf(heldOut));
console.log(`${percent(accuracy)} of ${heldOut.length} held-out rows are right`);
await model.save(saveTo(beside(import.meta.url)('model')));
