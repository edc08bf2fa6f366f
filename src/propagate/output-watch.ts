import * as tf from '@tensorflow/tfjs-core';
import type { TensorPool } from '../tensors/pool.js';
import { PendingSums, totalsOf } from './pending-sums.js';

/** Outputs of the forward pass, summed: a sum is finite only if every element is. */
export interface WatchedOutputs {
  /** The steps, in the order they ran. */
  readonly watched: readonly number[];
  /** [watched · batch]. */
  readonly outputs: tf.Tensor;
}

/** Remembers the sums of steps' outputs, so that the first that is not finite can be named afterwards. */
export class OutputWatch {
  private readonly seen: number[] = [];
  private readonly sums: PendingSums;

  constructor(batch: number, pool: TensorPool) {
    this.sums = new PendingSums(batch, pool);
  }

  /** Takes down the output of a step. */
  see(node: number, output: tf.Tensor): void {
    this.seen.push(node);
    this.sums.begin(() => output);
  }

  /** Everything seen; the tensor is the caller's. */
  finish(): WatchedOutputs {
    const cells = this.seen.map((_, sum) => [{ sum, times: 1 }]);
    return { watched: this.seen, outputs: tf.tidy(() => tf.reshape(totalsOf(this.sums.finish(), cells), [-1])) };
  }
}
