import type * as tf from '@tensorflow/tfjs-core';
import type { TensorPool } from '../tensors/pool.js';
import type { Counted, HeldSums } from './held-sums.js';
import { PartialSums } from './partial-sums.js';

/** Outputs of the forward pass, summed: a sum is finite only if every element is. */
export interface WatchedOutputs {
  /** The steps, in the order they ran. */
  readonly watched: readonly number[];
  /** One sum for each. */
  readonly outputs: HeldSums;
}

/** Remembers the sums of steps' outputs, so that the first that is not finite can be named afterwards. */
export class OutputWatch {
  private readonly seen: number[] = [];
  private readonly cells: [Counted][] = [];
  private readonly sums: PartialSums;

  constructor(batch: number, pool: TensorPool) {
    this.sums = new PartialSums(batch, pool);
  }

  /** Takes down the output of a step. */
  see(node: number, output: tf.Tensor): void {
    this.seen.push(node);
    this.cells.push([this.sums.beginSum(output)]);
  }

  /** Everything seen; the tensors are the caller's. */
  finish(): WatchedOutputs {
    return { watched: this.seen, outputs: this.sums.finish(this.cells) };
  }
}
