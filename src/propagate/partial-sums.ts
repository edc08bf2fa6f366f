import * as tf from '@tensorflow/tfjs-core';
import { channelMeans, columnMeans } from '../kernels/sums.js';
import type { TensorPool } from '../tensors/pool.js';
import { beginTotal, type Counted, type HeldPart, type HeldSums, wholePart } from './held-sums.js';

/** A part whose tensor has neither ended nor been handed over yet. */
interface Pending {
  readonly tensor: tf.Tensor;
  readonly begin: () => HeldPart;
}

/**
 * Sums per sample that are only begun when they are asked for: large tensors go, so they come down to a few numbers. What
 * is left is finished when somebody reads it, since hundreds of small kernels take longer than the layers they account for.
 */
export class PartialSums {
  private readonly parts: (HeldPart | Pending)[] = [];
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
    return this.keep(means, count);
  }

  /** Begins sums over all positions, `s [batch, ..., channels]`; null where there are too many channels. Inside a tidy too. */
  beginChannels(s: tf.Tensor): Counted | null {
    const channels = channelMeans(s);
    return channels && this.keep(channels.means, channels.count);
  }

  /** Takes down factors per channel, `[channels]`, which stay the caller's; answers the part's number. Inside a tidy too. */
  factors(perChannel: tf.Tensor): number {
    const tensor = tf.keep(tf.reshape(perChannel, [1, perChannel.size]));
    this.kept.add(tensor);
    return this.add(this.hold({ ...wholePart(tensor, this.batch), perSample: false })).part;
  }

  /** Begins the sum of a tensor. Not inside a tidy. */
  beginSum(tensor: tf.Tensor): Counted {
    const { means, count } = columnMeans(tensor);
    return this.add(this.hold({ ...wholePart(means, this.batch), count }));
  }

  /**
   * The sum of a tensor that the pool holds, and that of its magnitude. They are begun when it ends; what is part of the
   * result does not, and is left as it is.
   */
  total(tensor: tf.Tensor): { readonly sum: Counted; readonly magnitude: Counted } {
    const begin = () => this.hold(beginTotal(tensor, this.batch));
    const sum = this.add({ tensor, begin });
    this.pool.beforeEnd(tensor, () => {
      this.parts[sum.part] = begin();
    });
    return { sum, magnitude: { ...sum, absolute: true } };
  }

  /**
   * All sums made of what was begun. The tensors are the caller's, and of the tidy around, if there is one.
   *
   * @param results Tensors that outlive the run.
   */
  finish(cells: readonly (readonly Counted[])[], results: ReadonlySet<tf.Tensor> = new Set()): HeldSums {
    const parts = this.parts.map((part): HeldPart => {
      if ('begin' in part && results.has(part.tensor)) return wholePart(part.tensor, this.batch, true);
      const own = 'begin' in part ? part.begin() : part;
      return { ...own, tensor: this.release(own.tensor), magnitudes: own.magnitudes && this.release(own.magnitudes) };
    });
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

  private keep(means: tf.Tensor, count: number): Counted {
    this.kept.add(tf.keep(means));
    return this.add(this.hold({ ...wholePart(means, this.batch), count }));
  }

  private hold(part: HeldPart): HeldPart {
    this.pool.retain(part.tensor);
    if (part.magnitudes) this.pool.retain(part.magnitudes);
    return part;
  }

  private add(part: HeldPart | Pending): Counted {
    return { part: this.parts.push(part) - 1, times: 1 };
  }
}
