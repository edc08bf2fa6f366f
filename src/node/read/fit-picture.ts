import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../../index.js';
import type { PictureContent } from './content.js';
import type { InputPort } from './model-input.js';

/** Brightness of red, green and blue to the eye (Rec. 709). */
const BRIGHTNESS = [0.2126, 0.7152, 0.0722];

/**
 * A picture in the size and the channels of a model input.
 *
 * @param fit `crop` takes the largest centred part of the wanted shape, `stretch` all of the picture.
 * @throws InputError when the input takes no pictures.
 */
export async function fitPicture(
  picture: PictureContent,
  { name, shape }: InputPort,
  fit: 'crop' | 'stretch',
): Promise<PictureContent> {
  const [, height = null, width = null, channels = 1] = shape;
  if ((shape.length !== 3 && shape.length !== 4) || (channels !== 1 && channels !== 3)) {
    const wanted = shape.slice(1).map((length) => length ?? 'any');
    throw new InputError(`Input "${name}" takes [${wanted.join(', ')}], which is no picture of 1 or 3 channels.`);
  }
  const size = { width: width ?? picture.width, height: height ?? picture.height };
  const resized = tf.tidy(() => resize(picture, size, fit, channels));
  try {
    const data = Uint8Array.from(await resized.data(), Math.round);
    return { kind: 'picture', ...size, channels, data };
  } finally {
    resized.dispose();
  }
}

interface Size {
  readonly width: number;
  readonly height: number;
}

function resize(picture: PictureContent, size: Size, fit: 'crop' | 'stretch', channels: 1 | 3): tf.Tensor {
  const { width, height, data } = picture;
  const pixels = tf.cast(tf.tensor3d(data, [height, width, picture.channels], 'int32'), 'float32') as tf.Tensor3D;
  const cut = fit === 'crop' ? crop(pixels, size) : pixels;
  const small = shrink(cut, size);
  return inChannels(tf.image.resizeBilinear(small, [size.height, size.width], false, true), channels);
}

/** The largest centred part whose sides are in the wanted proportion. */
function crop(pixels: tf.Tensor3D, { width, height }: Size): tf.Tensor3D {
  const [fullHeight, fullWidth, channels] = pixels.shape;
  const scale = Math.min(fullWidth / width, fullHeight / height);
  const [partWidth, partHeight] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))];
  const [left, top] = [Math.floor((fullWidth - partWidth) / 2), Math.floor((fullHeight - partHeight) / 2)];
  return tf.slice3d(pixels, [top, left, 0], [partHeight, partWidth, channels]);
}

/**
 * Averages blocks of whole pixels first: bilinear interpolation alone would pass over pixels of a large picture. One channel
 * more goes along, since tfjs can hang on wasm where it averages three.
 */
function shrink(pixels: tf.Tensor3D, { width, height }: Size): tf.Tensor3D {
  const down = Math.max(1, Math.floor(pixels.shape[0] / height));
  const across = Math.max(1, Math.floor(pixels.shape[1] / width));
  if (down * across === 1) return pixels;
  const wider = tf.pad3d(pixels, [
    [0, 0],
    [0, 0],
    [0, 1],
  ]);
  const averages = tf.avgPool(wider, [down, across], [down, across], 'same');
  return tf.slice3d(averages, [0, 0, 0], [-1, -1, pixels.shape[2]]);
}

function inChannels(pixels: tf.Tensor3D, channels: 1 | 3): tf.Tensor {
  if (pixels.shape[2] === channels) return pixels;
  if (channels === 3) return tf.tile(pixels, [1, 1, 3]);
  return tf.sum(tf.mul(pixels, tf.tensor1d(BRIGHTNESS)), -1, true);
}
