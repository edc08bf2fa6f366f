import * as tf from '@tensorflow/tfjs-core';
import { type ColumnMeans, columnMeans, meanOfBlocks, totalMeans } from '../kernels/sums.js';
import type { TensorPool } from '../tensors/pool.js';

/**
 * Sums per sample that are only begun when they are asked for, and finished all together: finishing hundreds of them one
 * by one takes longer, for all the small kernels, than the layers they account for.
 */
export class PendingSums {
  private readonly begun: ColumnMeans[] = [];

  constructor(
    private readonly batch: number,
    private readonly pool: TensorPool,
  ) {}

  /** Begins a sum over what `make` yields and answers its number. A tensor without the batch counts for each sample. */
  begin(make: () => tf.Tensor): number {
    return this.beginMeans(() => columnMeans(make()));
  }

  /** Begins the sum of a tensor and that of its magnitude. */
  beginTotal(tensor: tf.Tensor): { readonly sum: number; readonly magnitude: number } {
    const { sum, magnitude } = totalMeans(tensor);
    return { sum: this.beginMeans(() => sum), magnitude: this.beginMeans(() => magnitude) };
  }

  /** Begins a sum of which only the means of some columns are left to be added up. */
  beginMeans(make: () => ColumnMeans): number {
    let count = 1;
    // Kept, because rules book from inside a tidy of their own.
    const means = tf.tidy(() => {
      const columns = make();
      count = columns.count;
      const complete = columns.means.shape[0] === this.batch;
      return tf.keep(complete ? columns.means : tf.mul<tf.Tensor4D>(columns.means, tf.ones([this.batch, 1, 1, 1])));
    });
    this.pool.retain(means);
    return this.begun.push({ means, count }) - 1;
  }

  /** All sums, `[batch, sums + 1]`; the last one is zero. */
  finish(): tf.Tensor2D {
    return tf.tidy(() => {
      const order: number[] = [];
      const counts: number[] = [];
      const finished = [...this.bySize().values()].map((numbers) => {
        const begun = numbers.flatMap((number) => this.begun[number] ?? []);
        const means = begun.map((one) => one.means);
        const { means: rows, count } = rowMeans(tf.concat(means, 1));
        order.push(...numbers);
        counts.push(...begun.map((one) => one.count * count));
        return rows;
      });
      const sums = tf.mul<tf.Tensor2D>(
        tf.concat([...finished, tf.zeros([this.batch, 1])], 1),
        tf.tensor2d([...counts, 1], [1, counts.length + 1]),
      );
      const places = new Int32Array(order.length + 1).fill(order.length);
      for (const [place, number] of order.entries()) places[number] = place;
      return tf.gather(sums, tf.tensor1d(places, 'int32'), 1);
    });
  }

  private bySize(): Map<number, number[]> {
    const sizes = new Map<number, number[]>();
    for (const [number, { means }] of this.begun.entries()) {
      sizes.set(means.shape[3], [...(sizes.get(means.shape[3]) ?? []), number]);
    }
    return sizes;
  }
}

/** A sum by its number, and how often it counts. */
export interface Counted {
  readonly sum: number;
  readonly times: number;
}

/** For each cell the total of the sums it counts, `[cells, batch]`; zero for a cell without any. */
export function totalsOf(sums: tf.Tensor2D, cells: readonly (readonly Counted[])[]): tf.Tensor2D {
  const [batch, known] = sums.shape;
  return tf.tidy(() => {
    if (cells.length === 0) return tf.zeros([0, batch]);
    const width = Math.max(1, ...cells.map((cell) => cell.length));
    const nothing: Counted = { sum: known - 1, times: 0 };
    const filled = cells.flatMap((cell) => [...cell, ...new Array<Counted>(width - cell.length).fill(nothing)]);
    const places = filled.map(({ sum }) => sum);
    const times = filled.map((counted) => counted.times);
    const found = tf.mul(tf.gather(sums, tf.tensor1d(places, 'int32'), 1), tf.tensor2d(times, [1, times.length]));
    return tf.transpose<tf.Tensor2D>(sumRows(tf.reshape(found, [batch, cells.length, width])));
  });
}

/** `[batch, rows, n] -> [batch, rows]`. */
function sumRows(x: tf.Tensor3D): tf.Tensor2D {
  const [batch, rows, length] = x.shape;
  const { means, count } = rowMeans(tf.reshape(x, [batch, rows, 1, length]));
  return tf.mul(means, count);
}

/** Rows as `count` times what is answered, `[batch, rows, 1, n] -> [batch, rows]`. */
function rowMeans(x: tf.Tensor4D): { readonly means: tf.Tensor2D; readonly count: number } {
  const [batch, rows, , length] = x.shape;
  // A mean over a power of two times that power is the sum itself, without rounding.
  const count = 2 ** Math.ceil(Math.log2(Math.max(length, 1)));
  const flat = tf.reshape<tf.Rank.R2>(x, [batch * rows, length]);
  const padded =
    count === length
      ? flat
      : tf.pad(flat, [
          [0, 0],
          [0, count - length],
        ]);
  // Not a product with ones: on wasm its rounding depends on how many rows there are, so on the batch.
  const means = meanOfBlocks(tf.reshape(padded, [batch * rows, count, 1, 1]), count);
  return { means: tf.reshape<tf.Rank.R2>(means, [batch, rows]), count };
}
