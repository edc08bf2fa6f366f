// Explains the network of the shapes example: how much of the positive relevance lies on the shape?
// Run: npx tsx examples/shapes/explain.ts
import * as tf from '@tensorflow/tfjs-core';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { epsilonGammaBox, explain, type RulesInput } from '../../src/index.js';
import { type Plane, readPlanes } from '../../src/render/index.js';
import { textTable } from '../../src/text-table.js';
import { useWasm } from '../lib/backend.js';
import { beside } from '../lib/beside.js';
import { edges } from '../lib/edges.js';
import { loadFrom } from '../lib/file-system.js';
import { readPicture } from '../lib/image.js';
import { areaShare, shareInside } from '../lib/mass.js';
import { brightness } from '../lib/picture.js';
import { mean } from '../lib/statistics.js';
import { percent } from '../lib/truth.js';
import { inputsOf, samples } from './batch.js';
import { type Sample, side } from './generate.js';
import { labels } from './outlines.js';

/** A picture, and where its shape is. */
type Shown = Pick<Sample, 'pixels' | 'mask'>;

const count = 200;
/** Not the one of the training. */
const seed = 0.77;
const here = beside(import.meta.url);

/** How a network is explained, and whether its class is set against the mean of the others. */
interface Way {
  readonly rules: RulesInput;
  readonly againstRest?: boolean;
}

/** The first is what the command line does by itself. */
const ways: Readonly<Record<string, Way>> = {
  'epsilon-gamma-box': { rules: 'epsilon-gamma-box' },
  'epsilon-gamma-box, pixels from -1 to 1': { rules: epsilonGammaBox({ low: -1, high: 1 }) },
  'epsilon-gamma-box, against the rest': { rules: 'epsilon-gamma-box', againstRest: true },
  'epsilon-plus': { rules: 'epsilon-plus' },
  'epsilon-plus, against the rest': { rules: 'epsilon-plus', againstRest: true },
  'epsilon-alpha2-beta1': { rules: 'epsilon-alpha2-beta1' },
  'epsilon-alpha2-beta1, against the rest': { rules: 'epsilon-alpha2-beta1', againstRest: true },
  epsilon: { rules: 'epsilon' },
  'epsilon, against the rest': { rules: 'epsilon', againstRest: true },
};

/** Relevance of the strongest class, one map for each picture, channels summed. */
async function maps(model: LayersModel, { rules, againstRest = false }: Way, inputs: tf.Tensor): Promise<Plane[]> {
  const weights = weightsOf(model, inputs, againstRest);
  const explanation = explain(model, inputs, rules, { target: weights, keep: 'inputs' });
  const [input] = explanation.inputs;
  if (!input) throw new Error('The model has no input.');
  const planes = await readPlanes(input.relevance);
  for (const disposable of [explanation, weights]) disposable.dispose();
  return planes;
}

/** Weights of the logits, `[pictures, classes]`: 1 for the strongest, and for the others 0, or together -1. */
function weightsOf(model: LayersModel, inputs: tf.Tensor, againstRest: boolean): tf.Tensor2D {
  const others = againstRest ? -1 / (labels.length - 1) : 0;
  return tf.tidy(() => {
    const strongest = tf.argMax(model.predict(inputs) as tf.Tensor2D, -1);
    const hot = tf.cast(tf.oneHot(strongest as tf.Tensor1D, labels.length), 'float32') as tf.Tensor2D;
    return tf.add(tf.mul(hot, 1 - others), others);
  });
}

/** For how many pictures the strongest class has a negative logit. */
async function negativeLogits(model: LayersModel, inputs: tf.Tensor): Promise<number> {
  const explanation = explain(model, inputs, 'epsilon', { keep: 'inputs' });
  const scores = [...(await explanation.target.scores.data())];
  explanation.dispose();
  return scores.filter((score) => score < 0).length;
}

const planeOf = (values: Iterable<number>): Plane => ({ width: side, height: side, values: Float32Array.from(values) });

/** Drawn from the pictures alone. */
function edgeMaps(shown: readonly Shown[]): Plane[] {
  return shown.map(({ pixels }) => edges(brightness({ width: side, height: side, channels: 3, data: pixels })));
}

function sharesOf(planes: readonly Plane[], shown: readonly Shown[]): number[] {
  return shown.map(({ mask }, index) => shareInside(planes[index] ?? planeOf([]), planeOf(mask)));
}

/** The picture beside this file, which `npm run demo` explains. */
async function committed(): Promise<Shown> {
  const size = { width: side, height: side };
  const [picture, mask] = await Promise.all([
    readPicture(here('picture.png'), { ...size, channels: 3 }),
    readPicture(here('picture-mask.png'), { ...size, channels: 1 }),
  ]);
  return { pixels: picture.data, mask: mask.data };
}

await useWasm();
const model = await loadLayersModel(loadFrom(here('model')));
const shown = [await committed(), ...samples(count, randomLcg(seed))];
const inputs = inputsOf(shown);
const filtered = sharesOf(edgeMaps(shown), shown);

function line(name: string, shares: readonly number[]): string[] {
  const [first = Number.NaN, ...fresh] = shares;
  const better = fresh.map((share, index) => Number(share > (filtered[index + 1] ?? Number.NaN)));
  return [name, percent(first), percent(mean(fresh)), percent(Math.min(...fresh)), percent(mean(better))];
}

const lines: string[][] = [];
for (const [name, way] of Object.entries(ways)) {
  lines.push(line(name, sharesOf(await maps(model, way, inputs), shown)));
}
lines.push([...line('edge filter', filtered).slice(0, -1), '']);
const areas = shown.map(({ mask }) => areaShare(planeOf(mask)));
lines.push(line('the same everywhere', areas));
console.log(
  `Positive relevance on the shape: in picture.png, and in ${count} pictures that the training has not seen\n`,
);
console.log(
  textTable([['', 'picture.png', 'unseen, mean', 'unseen, lowest', 'above edge filter'], ...lines], [1, 2, 3, 4]),
);
console.log(`\n${await negativeLogits(model, inputs)} of them have a negative logit for the class that wins.`);
