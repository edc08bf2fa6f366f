import { type Explanation, InputError } from '../../index.js';
import { readPlanes } from '../../render/index.js';
import { fitPicture } from '../read/fit-picture.js';
import type { ReadyInput } from '../read/model-input.js';
import { readContent } from '../read/read-content.js';

/** Bytes above this are inside: resizing leaves values between black and white. */
const MIDDLE = 127;

/**
 * How much of the positive relevance lies where a mask is white, and what a map that is the same everywhere would have there.
 *
 * @throws InputError when the mask is no picture, or neither is the input.
 */
export async function describeMask(
  path: string,
  { inputs }: Explanation,
  ready: readonly ReadyInput[],
  fit: 'crop' | 'stretch',
): Promise<string> {
  const index = ready.findIndex(({ picture }) => picture !== null);
  const [picture, relevance] = [ready[index]?.picture, inputs[index]?.relevance];
  if (!picture || !relevance) throw new InputError('--mask needs an input that is a picture.');
  const content = await readContent(path);
  if (content.kind !== 'picture') throw new InputError(`The mask ${path} is no picture.`);
  const shape = [null, picture.height, picture.width, 1];
  const mask = await fitPicture(content, { name: 'mask', shape, dtype: 'float32', categories: null }, fit);
  const [plane] = await readPlanes(relevance);
  const { share, area } = sharesOf(plane?.values ?? [], mask.data);
  if (Number.isNaN(share)) return 'There is no positive relevance, inside the mask or outside of it';
  return `Positive relevance inside the mask: ${percent(share)}, which is ${percent(area)} of the picture`;
}

function sharesOf(values: ArrayLike<number>, mask: Uint8Array): { share: number; area: number } {
  let [inside, all, pixels] = [0, 0, 0];
  for (const [pixel, byte] of mask.entries()) {
    const positive = Math.max(0, values[pixel] ?? 0);
    all += positive;
    if (byte <= MIDDLE) continue;
    inside += positive;
    pixels += 1;
  }
  return { share: inside / all, area: pixels / mask.length };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
