// Trains both networks of the polarity example and saves them beside this file.
// Run: npx tsx examples/polarity/train.ts [gru | attention]
import { randomLcg } from 'd3-random';
import { binaryAccuracy } from '../lib/accuracy.js';
import { beside } from '../lib/beside.js';
import { useCpu } from '../lib/cpu.js';
import { saveTo } from '../lib/file-system.js';
import { train } from '../lib/train.js';
import { percent } from '../lib/truth.js';
import { labelsOf, sentences, tokensOf } from './generate.js';
import { networkNames, networks } from './networks.js';

const batchSize = 32;
const steps = 800;
/** The networks' initial weights, the training data and the held-out data each have their own. */
const seeds = { weights: 1, training: 0.1, heldOut: 0.9 };

await useCpu();
for (const name of networkNames.filter((one) => !process.argv[2] || one === process.argv[2])) {
  const model = networks[name](seeds.weights);
  console.log(`${name}: ${model.countParams()} parameters`);
  const random = randomLcg(seeds.training);
  await train(model, {
    loss: 'binaryCrossentropy',
    steps,
    highestRate: 0.01,
    draw: () => {
      const drawn = sentences(batchSize, random);
      return { inputs: tokensOf(drawn), targets: labelsOf(drawn) };
    },
  });
  const heldOut = sentences(1000, randomLcg(seeds.heldOut));
  const accuracy = await binaryAccuracy(model, tokensOf(heldOut), labelsOf(heldOut));
  console.log(`${name}: ${percent(accuracy)} of ${heldOut.length} held-out sentences are right`);
  await model.save(saveTo(beside(import.meta.url)(`${name}/model`)));
}
