import type { Tensor } from '@tensorflow/tfjs-core';
import { InputError, MatchError } from '../../index.js';

/** One number per pixel. */
export interface Plane {
  /** Pixels across. */
  readonly width: number;
  /** Pixels down. */
  readonly height: number;
  /** Row by row, `width · height` numbers. */
  readonly values: Float32Array;
}

/**
 * How the channels of a pixel become one number: their sum, which keeps the total (`sum`); the one of the largest size with
 * its sign (`max-abs`); or the length of the vector they make, which has no sign (`norm`).
 */
export type Pooling = 'sum' | 'max-abs' | 'norm';

/** What each axis of a tensor is: batch, height, width, channels. */
export type ImageAxes = 'HW' | 'HWC' | 'CHW' | 'BHW' | 'BHWC' | 'BCHW';

/** How a tensor is read as pictures. */
export interface PlaneOptions {
  /** How channels become one number. Default `sum`. */
  readonly pool?: Pooling;
  /** What the axes are. Default by their number: `HW`, `HWC`, `BHWC`. */
  readonly axes?: ImageAxes;
}

/** A tensor in memory, addressed by picture, row, column and channel. */
export interface ImageNumbers {
  readonly samples: number;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  /** The number at a place. */
  at(sample: number, y: number, x: number, channel: number): number;
}

/**
 * Relevance of pictures, or of the feature maps of a layer, as one plane per sample. Numbers are read asynchronously; no
 * tensor is made.
 *
 * @param relevance `[height, width]`, `[height, width, channels]` or `[batch, height, width, channels]`, or as `axes` says.
 * @throws InputError when the tensor's shape is no picture's.
 */
export async function readPlanes(relevance: Tensor, options: PlaneOptions = {}): Promise<Plane[]> {
  const numbers = await readImageNumbers(relevance, options.axes);
  return Array.from({ length: numbers.samples }, (_, sample) => poolPlane(numbers, sample, options.pool ?? 'sum'));
}

/** The sample of a list, counted from 0. */
export function pickSample<T>(planes: readonly T[], sample = 0): T {
  const plane = planes[sample];
  if (plane !== undefined) return plane;
  throw new MatchError(`There is no sample ${sample}. Allowed: 0 to ${planes.length - 1}.`);
}

/** Reads a tensor, whatever the order of its axes. */
export async function readImageNumbers(tensor: Tensor, axes = axesByRank(tensor)): Promise<ImageNumbers> {
  if (axes.length !== tensor.rank || tensor.size === 0) throw noPicture(tensor, `axes ${axes}`);
  const data = await tensor.data();
  const strides = [...tensor.shape.keys()].map((axis) => tensor.shape.slice(axis + 1).reduce((a, b) => a * b, 1));
  const find = (letter: string) => axes.indexOf(letter);
  const size = (letter: string) => tensor.shape[find(letter)] ?? 1;
  const stride = (letter: string) => strides[find(letter)] ?? 0;
  const [b, h, w, c] = [stride('B'), stride('H'), stride('W'), stride('C')];
  return {
    samples: size('B'),
    height: size('H'),
    width: size('W'),
    channels: size('C'),
    at: (sample, y, x, channel) => Number(data[sample * b + y * h + x * w + channel * c] ?? 0),
  };
}

function axesByRank(tensor: Tensor): ImageAxes {
  const axes = ({ 2: 'HW', 3: 'HWC', 4: 'BHWC' } as const)[tensor.rank];
  if (axes) return axes;
  throw noPicture(tensor, '[height, width], [height, width, channels] or [batch, height, width, channels]');
}

function noPicture(tensor: Tensor, expected: string): InputError {
  return new InputError(
    `A tensor of shape [${tensor.shape.join(', ')}] cannot be read as pictures: ${expected} expected. ` +
      "Say what its axes are, such as {axes: 'BCHW'}, or take another picture, such as a bar chart.",
  );
}

function poolPlane(numbers: ImageNumbers, sample: number, pooling: Pooling): Plane {
  const { width, height, channels } = numbers;
  const values = new Float32Array(width * height);
  const pixel = new Float64Array(channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) pixel[channel] = numbers.at(sample, y, x, channel);
      values[y * width + x] = poolChannels(pixel, pooling);
    }
  }
  return { width, height, values };
}

/** One number for the channels of a pixel. */
export function poolChannels(channels: Float64Array, pooling: Pooling): number {
  switch (pooling) {
    case 'sum':
      return channels.reduce((sum, value) => sum + value, 0);
    case 'max-abs':
      return channels.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
    case 'norm':
      return Math.hypot(...channels);
    default:
      throw new MatchError(`There is no pooling "${String(pooling)}". Known: sum, max-abs, norm.`);
  }
}

/** A map in another size: by repeating its cells, or linearly between their centres. */
export function resizePlane(plane: Plane, width: number, height: number, way: 'nearest' | 'linear'): Plane {
  if (plane.width === width && plane.height === height) return plane;
  const values = new Float32Array(width * height);
  const across = (x: number) => ((x + 0.5) * plane.width) / width - 0.5;
  const down = (y: number) => ((y + 0.5) * plane.height) / height - 0.5;
  const read = way === 'nearest' ? nearest : linear;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) values[y * width + x] = read(plane, across(x), down(y));
  }
  return { width, height, values };
}

function nearest({ width, height, values }: Plane, x: number, y: number): number {
  const column = Math.min(width - 1, Math.max(0, Math.round(x)));
  return values[Math.min(height - 1, Math.max(0, Math.round(y))) * width + column] ?? 0;
}

function linear(plane: Plane, x: number, y: number): number {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [right, below] = [x - left, y - top];
  const upper = (1 - right) * nearest(plane, left, top) + right * nearest(plane, left + 1, top);
  const lower = (1 - right) * nearest(plane, left, top + 1) + right * nearest(plane, left + 1, top + 1);
  return (1 - below) * upper + below * lower;
}
