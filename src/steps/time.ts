import * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import * as ops from '../tensors/ops.js';
import { type Shape, sizeOf } from '../tensors/shape.js';

/** Time slices cut in one go: a slice costs as much as the tensor it is cut from, so long sequences are cut twice. */
const CHUNK = 32;

/**
 * Reads a sequence `[batch, time, ...]` slice by slice. Only some slices are there at a time, so that a long sequence is
 * not copied as a whole. The slices stay the reader's: each lives until one of another stretch of time is read.
 */
export class TimeReader {
  /** How many slices there are. */
  readonly times: number;
  private slices: readonly tf.Tensor[] = [];
  private first = 0;

  /** @param backwards True to count the slices from the last one. */
  constructor(
    private readonly sequence: tf.Tensor,
    private readonly backwards = false,
  ) {
    this.times = sequence.shape[1] ?? 0;
  }

  /** The slice at a time step in the order of processing, `[batch, ...]`. */
  read(time: number): tf.Tensor {
    const place = this.backwards ? this.times - 1 - time : time;
    if (place < 0 || place >= this.times) throw new InternalError(`no time step ${time} of ${this.times}`);
    if (!this.slices[place - this.first]) this.cut(place);
    const slice = this.slices[place - this.first];
    if (!slice) throw new InternalError(`time step ${time} of ${this.times} was not cut`);
    return slice;
  }

  /** Ends the slices there are; may be called twice. */
  dispose(): void {
    for (const slice of this.slices) slice.dispose();
    this.slices = [];
  }

  private cut(place: number): void {
    this.dispose();
    this.first = place - (place % CHUNK);
    this.slices = tf.tidy(() => {
      const { shape } = this.sequence;
      const [batch = 1, times = 0, ...rest] = shape;
      const size = sizeOf(rest);
      const count = Math.min(CHUNK, times - this.first);
      const flat = ops.reshape(this.sequence, [batch, times, size]);
      const stretch = tf.slice(flat, [0, this.first, 0], [batch, count, size]);
      return tf.unstack(stretch, 1).map((slice) => shaped(slice, [batch, ...rest]));
    });
  }
}

/** `[batch, features]` in another shape; itself where that is its own. */
export function shaped(x: tf.Tensor, shape: Shape): tf.Tensor {
  return shape.length === 2 ? x : ops.reshape(x, [...shape]);
}

/** One tensor per time step as `[batch, time, ...]`; the slices stay the caller's. */
export function stackTime(slices: readonly tf.Tensor[]): tf.Tensor {
  return tf.stack([...slices], 1);
}
