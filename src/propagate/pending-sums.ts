import * as tf from '@tensorflow/tfjs-core';
import { type ColumnMeans, columnMeans, sumAxis, totalMeans } from '../kernels/sums.js';
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

  /** All sums, `[sums + 1, batch]`; the last row is zero. */
  finish(): tf.Tensor2D {
    return tf.tidy(() => {
      const order: number[] = [];
      const finished = [...this.bySize()].map(([columns, numbers]) => {
        order.push(...numbers);
        const means = tf.concat(numbers.flatMap((number) => this.begun[number]?.means ?? []));
        const rows = tf.reshape<tf.Rank.R2>(means, [numbers.length * this.batch, columns]);
        return tf.reshape(tf.matMul(rows, tf.ones([columns, 1])), [numbers.length, this.batch]);
      });
      const counts = order.map((number) => this.begun[number]?.count ?? 1);
      const sums = tf.mul(
        tf.concat([...finished, tf.zeros([1, this.batch])]),
        tf.tensor2d([...counts, 1], [counts.length + 1, 1]),
      );
      const places = new Int32Array(order.length + 1).fill(order.length);
      for (const [place, number] of order.entries()) places[number] = place;
      return tf.gather<tf.Tensor2D>(sums as tf.Tensor2D, tf.tensor1d(places, 'int32')); // concat forgets the rank
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
  const [rows, batch] = sums.shape;
  return tf.tidy(() => {
    if (cells.length === 0) return tf.zeros([0, batch]);
    const width = Math.max(1, ...cells.map((cell) => cell.length));
    const nothing: Counted = { sum: rows - 1, times: 0 };
    const filled = cells.flatMap((cell) => [...cell, ...new Array<Counted>(width - cell.length).fill(nothing)]);
    const places = filled.map(({ sum }) => sum);
    const times = filled.map((counted) => counted.times);
    const found = tf.mul(tf.gather(sums, tf.tensor1d(places, 'int32')), tf.tensor2d(times, [times.length, 1]));
    return tf.reshape(sumAxis(tf.reshape(found, [cells.length, width, batch]), 1), [cells.length, batch]);
  });
}
