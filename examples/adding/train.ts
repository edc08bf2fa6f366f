// Trains the LSTM of the adding problem and saves it beside this file.
// Run: npx tsx examples/adding/train.ts
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { saveTo } from '../lib/file-system.js';
import { train } from '../lib/train.js';
import { inputsOf, lengths, sequences, sumsOf } from './generate.js';
import { network } from './network.js';

const units = 1;
const steps = 6000;
const batchSize = 64;
const highestRate = 0.03;
/** The network's initial weights, the training data and the held-out data each have their own. */
const seeds = { weights: 1, training: 0.1, heldOut: 0.9 };

/** Mean squared error on sequences of every length that the training has not seen. */
async function heldOutError(model: LayersModel): Promise<number> {
  const random = randomLcg(seeds.heldOut);
  const errors = lengths.map((length) => {
    const drawn = sequences(100, length, random);
    return tf.tidy(() => tf.losses.meanSquaredError(sumsOf(drawn), model.predict(inputsOf(drawn)) as tf.Tensor));
  });
  const mean = tf.tidy(() => tf.mean(tf.stack(errors)));
  const [value = Number.NaN] = await mean.data();
  tf.dispose([...errors, mean]);
  return value;
}

await useWasm();
const model = network(units, seeds.weights);
const random = randomLcg(seeds.training);
let step = 0;
await train(model, {
  loss: 'meanSquaredError',
  steps,
  highestRate,
  draw: () => {
    const drawn = sequences(batchSize, lengths[step++ % lengths.length] ?? 4, random);
    return { inputs: inputsOf(drawn), targets: sumsOf(drawn) };
  },
});
console.log(`held-out mean squared error ${(await heldOutError(model)).toExponential(2)}`);
await model.save(saveTo(beside(import.meta.url)('model')));
