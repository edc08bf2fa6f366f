// Explains an image classifier's prediction: prints what it predicts, the plan, the ledger and where the relevance lies,
// and draws the heatmap. Run `npx tsx examples/explain-image.ts --help`.
import { writeFile } from 'node:fs/promises';
import type * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { explain } from '../src/index.js';
import { useWasm } from './lib/backend.js';
import { loadFrom } from './lib/file-system.js';
import { drawFigure } from './lib/heatmap.js';
import { readPicture } from './lib/image.js';
import { readLabels } from './lib/labels.js';
import { pictureSize } from './lib/model-input.js';
import { type Options, readOptions, usage } from './lib/options.js';
import { brightness, toTensor } from './lib/picture.js';
import { poolChannels } from './lib/plane.js';
import { massReport, strongest } from './lib/report.js';

async function main(options: Options): Promise<void> {
  await useWasm();
  const model = await loadLayersModel(loadFrom(options.model));
  const naming = await readLabels(options.labels);
  const size = pictureSize(model);
  const picture = await readPicture(options.picture, size);
  const input = toTensor(picture, options.normalisation);
  console.log(`Prediction\n${strongest(await predict(model, input), naming)}\n`);

  const target = options.target === undefined ? {} : { target: options.target };
  const explanation = explain(model, input, options.rules, target);
  console.log(`${explanation.plan}\n\n${await explanation.conservation()}\n`);

  const [pixels] = explanation.inputs;
  if (!pixels) throw new Error('The model has no input.');
  const relevance = await poolChannels(pixels.relevance);
  if (options.mask !== undefined) {
    const mask = brightness(await readPicture(options.mask, { ...size, channels: 1 }));
    console.log(`Positive relevance inside the mask\n${massReport(relevance, picture, mask)}\n`);
  }
  const { weights, scores, quantity } = explanation.target;
  const unit = (await weights.data()).indexOf(1);
  const [score = Number.NaN] = await scores.data();
  const caption = `${naming(unit)} (unit ${unit}), score ${score.toFixed(2)} (${quantity}), rules ${options.rules}`;
  await writeFile(options.out, await drawFigure({ picture, relevance, caption, quantile: options.quantile }));
  console.log(`Heatmap written to ${options.out}`);

  explanation.dispose();
  input.dispose();
  model.dispose();
}

async function predict(model: LayersModel, input: tf.Tensor): Promise<ArrayLike<number>> {
  const output = model.predict(input);
  if (Array.isArray(output)) throw new Error(`A model with one output expected, got ${output.length}.`);
  const values = await output.data();
  output.dispose();
  return values;
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options) await main(options);
  else console.log(usage);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
