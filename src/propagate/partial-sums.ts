import * as tf from '@tensorflow/tfjs-core';
import { channelMeans, columnMeans, totalMeans } from '../kernels/sums.js';
import type { TensorPool } from '../tensors/pool.js';
import type { Counted, HeldPart, HeldSums } from './held-sums.js';

/**
 * Sums per sample that are only begun when they are asked for: large tensors go, so they come down to a few numbers. What
 * is left is finished when somebody reads it, since hundreds of small kernels take longer than the layers they account for.
 */
export class PartialSums {
  private readonly parts: HeldPart[] = [];
  /** Parts that were begun inside a tidy that has ended since. */
  private readonly kept = new Set<tf.Tensor>();

  /** @param pool Holds the parts until they are handed over. */
  constructor(
    private readonly batch: number,
    private readonly pool: TensorPool,
  ) {}

  /**
   * Begins a sum over what `make` yields, batch first. A tensor without the batch counts for each sample. May be called
   * inside a tidy, where rules book.
   */
  begin(make: () => tf.Tensor): Counted {
    let count = 1;
    const means = tf.tidy(() => {
      const columns = columnMeans(make());
      count = columns.count;
      return columns.means;
    });
    return { part: this.keep(means), times: count };
  }

  /** Begins sums over all positions, `s [batch, ..., channels]`; null where there are too many channels. Inside a tidy too. */
  beginChannels(s: tf.Tensor): Counted | null {
    const channels = channelMeans(s);
    return channels && { part: this.keep(channels.means), times: channels.count };
  }

  /** Takes down factors per channel, `[channels]`, which stay the caller's; answers the part's number. Inside a tidy too. */
  factors(perChannel: tf.Tensor): number {
    return this.keep(tf.reshape(perChannel, [1, perChannel.size]), false);
  }

  /** Begins the sum of a tensor. Not inside a tidy. */
  beginSum(tensor: tf.Tensor): Counted {
    const { means, count } = columnMeans(tensor);
    return { part: this.hold(means), times: count };
  }

  /** Begins the sum of a tensor and that of its magnitude. Not inside a tidy. */
  beginTotal(tensor: tf.Tensor): { readonly sum: Counted; readonly magnitude: Counted } {
    const { sum, magnitude, signed } = totalMeans(tensor);
    const counted: Counted = { part: this.hold(sum.means), times: sum.count };
    if (signed) return { sum: counted, magnitude: { ...counted, absolute: true } };
    return { sum: counted, magnitude: { part: this.hold(magnitude.means), times: magnitude.count } };
  }

  /** Everything begun, for sums made of it. The tensors are the caller's, and of the tidy around, if there is one. */
  finish(cells: readonly (readonly Counted[])[]): HeldSums {
    const parts = this.parts.map((part) => ({ ...part, tensor: this.release(part.tensor) }));
    return { batch: this.batch, parts, cells };
  }

  private release(tensor: tf.Tensor): tf.Tensor {
    this.pool.handOver([tensor]);
    // In no tidy there is none that would have to end it.
    if (!this.kept.has(tensor) || !tf.engine().state.activeScope) return tensor;
    const own = tf.clone(tensor);
    tensor.dispose();
    return own;
  }

  private keep(tensor: tf.Tensor, perSample?: boolean): number {
    this.kept.add(tf.keep(tensor));
    return this.hold(tensor, perSample);
  }

  private hold(tensor: tf.Tensor, perSample = tensor.shape[0] === this.batch): number {
    this.pool.retain(tensor);
    return this.parts.push({ tensor, perSample }) - 1;
  }
}
