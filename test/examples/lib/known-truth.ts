// What the tests of the examples with known truth share.
import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type LayersModel, loadLayersModel } from '@tensorflow/tfjs-layers';
import { randomLcg } from 'd3-random';
import { expect } from 'vitest';
import { loadFrom } from '../../../examples/lib/file-system.js';

/** Most bytes that a model in the repository may have. */
const LARGEST = 300_000;

const path = (example: string, name: string): string =>
  fileURLToPath(new URL(`../../../examples/${example}/${name}`, import.meta.url));

/** Loads the saved network of an example, and sees that it is small. */
export async function savedModel(example: string, folder = 'model'): Promise<LayersModel> {
  const [json, weights] = ['model.json', 'weights.bin'].map(
    (file) => statSync(path(example, `${folder}/${file}`)).size,
  );
  expect((json ?? 0) + (weights ?? 0)).toBeLessThan(LARGEST);
  return loadLayersModel(loadFrom(path(example, folder)));
}

/** The same source draws the same samples, and another one others. Answers some samples of it. */
export function drawsAgain<T>(draw: (count: number, random: () => number) => T[], count = 200): T[] {
  const drawn = draw(count, randomLcg(0.5));
  expect(draw(count, randomLcg(0.5))).toEqual(drawn);
  expect(draw(count, randomLcg(0.6))).not.toEqual(drawn);
  return drawn;
}

/** Unlike those of training, held-out data and the printed reports. */
export const freshRandom = () => randomLcg(0.33);
