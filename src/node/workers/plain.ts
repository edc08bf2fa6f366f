import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../../index.js';

/** A tensor as plain data, which can be sent from thread to thread. */
export interface PlainTensor {
  /** Without the batch axis where it is a sample. */
  readonly shape: readonly number[];
  /** Row by row. */
  readonly data: Float32Array | Int32Array | Uint8Array;
  /** Default: that of the data; bytes are numbers from 0 to 255. */
  readonly dtype?: 'float32' | 'int32' | 'bool';
}

/** A model input as plain data: one, several in the order of the model, or by name. */
export type PlainInput = PlainTensor | readonly PlainTensor[] | Readonly<Record<string, PlainTensor>>;

/** True for a {@link PlainTensor}. */
export function isPlain(value: unknown): value is PlainTensor {
  if (typeof value !== 'object' || value === null || value instanceof tf.Tensor) return false;
  return 'data' in value && ArrayBuffer.isView(value.data) && 'shape' in value && Array.isArray(value.shape);
}

/** Reads a tensor. */
export async function plainOf(tensor: tf.Tensor): Promise<PlainTensor> {
  const { shape, dtype } = tensor;
  if (dtype === 'string' || dtype === 'complex64') {
    throw new InputError(`A tensor of dtype ${dtype} and shape [${shape}] is no input of a model. Expected numbers.`);
  }
  return { shape, dtype, data: await tensor.data<'float32' | 'int32' | 'bool'>() };
}

/** @throws InputError when there are more or fewer numbers than the shape says. */
export function tensorOf({ shape, data, dtype }: PlainTensor): tf.Tensor {
  if (data.length !== tf.util.sizeFromShape([...shape])) {
    throw new InputError(`A shape of [${shape}] does not fit ${data.length} numbers.`);
  }
  return tf.tensor(data, [...shape], dtype ?? (data instanceof Float32Array ? 'float32' : 'int32'));
}
