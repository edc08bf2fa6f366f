// Trains both networks of the series example and saves them beside this file.
// Run: npx tsx examples/series/train.ts [convolution | lstm]
import { randomLcg } from 'd3-random';
import { classAccuracy } from '../lib/accuracy.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { saveTo } from '../lib/file-system.js';
import { train } from '../lib/train.js';
import { percent } from '../lib/truth.js';
import { registerConvolutionGradients } from '../shapes/convolution-gradients.js';
import { registerDilatedGradients } from './dilated-gradients.js';
import { inputsOf, labelsOf, series } from './generate.js';
import { networkNames, networks } from './networks.js';

const batchSize = 32;
const steps = { convolution: 1000, lstm: 600 };
/** The networks' initial weights, the training data and the held-out data each have their own. */
const seeds = { weights: 1, training: 0.1, heldOut: 0.9 };

await useWasm();
registerConvolutionGradients();
registerDilatedGradients();
for (const name of networkNames.filter((one) => !process.argv[2] || one === process.argv[2])) {
  const model = networks[name](seeds.weights);
  console.log(`${name}: ${model.countParams()} parameters`);
  const random = randomLcg(seeds.training);
  await train(model, {
    loss: 'categoricalCrossentropy',
    steps: steps[name],
    highestRate: 0.01,
    draw: () => {
      const drawn = series(batchSize, random);
      return { inputs: inputsOf(drawn), targets: labelsOf(drawn) };
    },
  });
  const heldOut = series(1000, randomLcg(seeds.heldOut));
  const accuracy = await classAccuracy(model, inputsOf(heldOut), labelsOf(heldOut));
  console.log(`${name}: ${percent(accuracy)} of ${heldOut.length} held-out series are right`);
  await model.save(saveTo(beside(import.meta.url)(`${name}/model`)));
}
