import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../../index.js';
import type { Content, NumberContent, PictureContent } from './content.js';
import { type EncodedText, encodeText, type TextEncoding } from './encode-text.js';
import { fitPicture } from './fit-picture.js';
import type { Preprocessing } from './preprocessing.js';

/** What the model wants at one of its inputs. */
export interface InputPort {
  readonly name: string;
  /** Batch axis first. */
  readonly shape: readonly (number | null)[];
  readonly dtype: string;
  /** How many numbers an Embedding that reads it knows; null where none does. */
  readonly categories: number | null;
}

/** One sample as the model takes it, and what it shows. The tensor is the caller's to dispose. */
export interface ReadyInput {
  /** Without the batch axis. */
  readonly tensor: tf.Tensor;
  /** The picture as the model sees it, in bytes. */
  readonly picture: PictureContent | null;
  /** Words, one for each position. */
  readonly text: EncodedText | null;
  /** Names of the last axis. */
  readonly features: readonly string[] | null;
  /** Samples that the file holds. */
  readonly samples: number;
}

/**
 * Brings what a file holds into the form that a model input takes. Shapes are never guessed at: a picture is resized, one
 * sample of several is taken, and everything else has to fit.
 *
 * @param sample Which sample, where the file holds several.
 * @throws InputError with the shapes expected and received.
 */
export async function readyInput(
  content: Content,
  port: InputPort,
  how: Preprocessing,
  encoding: TextEncoding | null,
  sample: number,
): Promise<ReadyInput> {
  const features = how.features ?? (content.kind === 'numbers' ? content.names : undefined) ?? null;
  const blank = { picture: null, text: null, features, samples: 1 };
  if (content.kind === 'picture') {
    const picture = await fitPicture(content, port, how.fit ?? 'crop');
    const { width, height, channels, data } = picture;
    const shape = port.shape.length === 3 ? [height, width] : [height, width, channels];
    return { ...blank, picture, tensor: scaled(Float32Array.from(data), shape, port, how) };
  }
  if (content.kind === 'text') {
    const text = encodeWords(content.text, port, encoding);
    checkCategories(text.numbers, port);
    return { ...blank, text, tensor: tf.tensor1d([...text.numbers], dtypeOf(port)) };
  }
  const { data, shape, samples } = pickSample(
    content.kind === 'bytes' ? shapedBytes(content.data, port) : content,
    port,
    sample,
  );
  checkCategories(data, port);
  const picture = content.kind === 'bytes' ? pictureOfBytes(data, shape) : null;
  return { ...blank, picture, samples, tensor: scaled(data, shape, port, how) };
}

function encodeWords(text: string, port: InputPort, encoding: TextEncoding | null): EncodedText {
  if (port.shape.length !== 2) {
    throw new InputError(
      `Input "${port.name}" takes ${shown(port.shape.slice(1))}, and a text is a list of word numbers.`,
    );
  }
  if (!encoding) {
    throw new InputError('A text needs the vocabulary that the model was trained with: --vocabulary FILE.');
  }
  return encodeText(text, port.shape[1] ?? null, encoding);
}

/** An Embedding looks up whatever number it is given; what lies outside of its table would be nonsense. */
function checkCategories(numbers: ArrayLike<number>, { name, categories }: InputPort): void {
  if (categories === null) return;
  const bad = Array.from(numbers).find((value) => !Number.isInteger(value) || value < 0 || value >= categories);
  if (bad === undefined) return;
  throw new InputError(
    `Input "${name}" takes whole numbers from 0 to ${categories - 1}, one for each entry of its embedding; received ${bad}. ` +
      'Is this the vocabulary that the model was trained with?',
  );
}

interface Sample {
  readonly data: Float32Array;
  readonly shape: readonly number[];
  readonly samples: number;
}

function pickSample({ data, shape }: NumberContent, port: InputPort, sample: number): Sample {
  const wanted = port.shape.slice(1);
  if (fits(shape, wanted)) return one(data, shape, sample);
  if (!fits(shape.slice(1), wanted)) {
    throw new InputError(
      `Input "${port.name}" takes ${shown(wanted)}, or several such samples; the file holds ${shown(shape)}.`,
    );
  }
  const [samples = 0, ...inner] = shape;
  if (sample >= samples)
    throw new InputError(`There is no sample ${sample}: the file holds ${samples}, from 0 to ${samples - 1}.`);
  const size = data.length / samples;
  return { data: data.slice(sample * size, (sample + 1) * size), shape: inner, samples };
}

function one(data: Float32Array, shape: readonly number[], sample: number): Sample {
  if (sample > 0) throw new InputError(`There is no sample ${sample}: the file holds one, number 0.`);
  return { data, shape, samples: 1 };
}

function shapedBytes(bytes: Uint8Array, { name, shape }: InputPort): NumberContent {
  const inner = shape.slice(1).map((length) => length ?? Number.NaN);
  const size = inner.reduce((product, length) => product * length, 1);
  if (!(bytes.length % size === 0)) {
    throw new InputError(
      `Input "${name}" takes ${shown(shape.slice(1))}; ${bytes.length} bytes are no whole number of such samples.`,
    );
  }
  return { kind: 'numbers', shape: [bytes.length / size, ...inner], data: Float32Array.from(bytes) };
}

function pictureOfBytes(data: Float32Array, shape: readonly number[]): PictureContent | null {
  const [height = 0, width = 0, channels = 1] = shape;
  if (shape.length < 2 || shape.length > 3 || (channels !== 1 && channels !== 3)) return null;
  return { kind: 'picture', width, height, channels, data: Uint8Array.from(data) };
}

function scaled(data: Float32Array, shape: readonly number[], port: InputPort, how: Preprocessing): tf.Tensor {
  const { scale = [1], offset = [0] } = how;
  const channels = shape.at(-1) ?? 1;
  for (const [name, list] of Object.entries({ scale, offset })) {
    if (list.length === 1 || list.length === channels) continue;
    throw new InputError(`${name} has ${list.length} numbers; expected one, or one for each of ${channels} channels.`);
  }
  const values = data.map((value, index) => {
    const channel = index % channels;
    return value * (scale[channel] ?? scale[0] ?? 1) + (offset[channel] ?? offset[0] ?? 0);
  });
  return tf.tensor(values, [...shape], dtypeOf(port));
}

function dtypeOf({ dtype }: InputPort): 'int32' | 'float32' {
  return dtype === 'int32' ? 'int32' : 'float32';
}

function fits(shape: readonly number[], wanted: readonly (number | null)[]): boolean {
  return shape.length === wanted.length && wanted.every((length, axis) => length === null || length === shape[axis]);
}

function shown(shape: readonly (number | null)[]): string {
  return `[${shape.map((length) => length ?? 'any').join(', ')}]`;
}
