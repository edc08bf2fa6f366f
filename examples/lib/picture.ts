// A picture as bytes, and what can be made of it in memory.
import * as tf from '@tensorflow/tfjs-core';
import type { Plane } from '../../src/render/index.js';

/** Width, height in pixels; channels: 1 for gray, 3 for RGB. */
export interface Size {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
}

/** Bytes row by row, the channels of a pixel side by side. */
export interface Picture extends Size {
  readonly data: Uint8Array;
}

/** How the model wants its pixels: value = byte * scale + offset. */
export interface Normalisation {
  readonly scale: number;
  readonly offset: number;
}

/** The picture as a batch of one, shape [1, height, width, channels]. */
export function toTensor({ data, width, height, channels }: Picture, { scale, offset }: Normalisation): tf.Tensor4D {
  return tf.tensor4d(
    Float32Array.from(data, (byte) => byte * scale + offset),
    [1, height, width, channels],
  );
}

/** Brightness from 0 to 255 per pixel, by the weights of Rec. 709. */
export function brightness({ data, width, height, channels }: Picture): Plane {
  const weights = channels === 1 ? [1] : [0.2126, 0.7152, 0.0722];
  const values = Float32Array.from({ length: width * height }, (_, pixel) =>
    weights.reduce((sum, weight, c) => sum + weight * (data[pixel * channels + c] ?? 0), 0),
  );
  return { width, height, values };
}

/** Bytes needed by a picture of this size. */
export function bytesOf({ width, height, channels }: Size): number {
  return width * height * channels;
}
