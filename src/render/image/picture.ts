import type { Tensor } from '@tensorflow/tfjs-core';
import { InputError, MatchError } from '../../index.js';
import { type ImageAxes, type ImageNumbers, readImageNumbers } from './plane.js';
import { paint, type Raster } from './raster.js';

/** A picture as bytes: grey, RGB or RGBA by the number of them; `ImageData` is one. */
export interface PixelData {
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
  /** Values from 0 to 255, row by row, the channels of a pixel side by side. */
  readonly data: ArrayLike<number>;
}

/** The picture that is explained: as bytes, or as the tensor that went into the model. */
export type PictureSource = Tensor | PixelData;

/** How a tensor is turned back into a picture. */
export interface PictureOptions {
  /** Which sample of a batch. Default 0. */
  readonly sample?: number;
  /** The numbers that mean black and white, such as `[-1, 1]`. Default: the smallest and largest of the sample; 0 to 255 for integers. */
  readonly range?: readonly [black: number, white: number];
  /** What the axes are. Default by their number: `HW`, `HWC`, `BHWC`. */
  readonly axes?: ImageAxes;
}

/**
 * The picture as pixels.
 *
 * @throws InputError when it has neither one nor three channels (bytes may have four), or the range is empty.
 * @throws MatchError when the batch has no such sample.
 */
export async function readPicture(source: PictureSource, options: PictureOptions = {}): Promise<Raster> {
  if ('width' in source) return fromBytes(source);
  const numbers = await readImageNumbers(source, options.axes);
  const { sample = 0 } = options;
  if (!Number.isInteger(sample) || sample < 0 || sample >= numbers.samples) {
    throw new MatchError(`There is no sample ${sample}. Allowed: 0 to ${numbers.samples - 1}.`);
  }
  if (numbers.channels !== 1 && numbers.channels !== 3) throw wrongChannels(numbers.channels);
  const [black, white] = options.range ?? rangeOf(numbers, sample, source.dtype);
  if (!(white >= black)) {
    throw new InputError(
      `The range of a picture must go from black up to white, received [${black}, ${white}]. Finite numbers expected.`,
    );
  }
  // A picture of one value has no black and white: it is shown as middle grey.
  const byte = (value: number) => (white > black ? (255 * (value - black)) / (white - black) : 128);
  const { width, height, channels } = numbers;
  return paint(width, height, (pixel) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return [0, 1, 2].map((channel) => byte(numbers.at(sample, y, x, channels === 1 ? 0 : channel)));
  });
}

function fromBytes({ width, height, data }: PixelData): Raster {
  const channels = data.length / (width * height);
  if (channels !== 1 && channels !== 3 && channels !== 4) throw wrongChannels(channels);
  const raster = paint(width, height, (pixel) =>
    [0, 1, 2].map((channel) => data[channels * pixel + (channels === 1 ? 0 : channel)] ?? 0),
  );
  for (let pixel = 0; channels === 4 && pixel < width * height; pixel++) {
    raster.data[4 * pixel + 3] = data[4 * pixel + 3] ?? 255;
  }
  return raster;
}

function wrongChannels(channels: number): InputError {
  return new InputError(
    `A picture has 1 channel (grey) or 3 (red, green, blue), as bytes also 4; received ${channels} per pixel. ` +
      'Give the picture as bytes, {width, height, data}, or leave it out.',
  );
}

function rangeOf(numbers: ImageNumbers, sample: number, dtype: string): readonly [number, number] {
  if (dtype === 'int32') return [0, 255];
  let [black, white] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let y = 0; y < numbers.height; y++) {
    for (let x = 0; x < numbers.width; x++) {
      for (let channel = 0; channel < numbers.channels; channel++) {
        const value = numbers.at(sample, y, x, channel);
        black = Math.min(black, value);
        white = Math.max(white, value);
      }
    }
  }
  return [black, white];
}
