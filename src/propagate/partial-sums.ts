import * as tf from '@tensorflow/tfjs-core';
import { channelMeans, columnMeans } from '../kernels/sums.js';
import * as ops from '../tensors/ops.js';
import type { TensorPool } from '../tensors/pool.js';
import {
  beginTotal,
  beginWeighed,
  type Counted,
  type HeldPart,
  type HeldSums,
  type Scales,
  wholePart,
} from './held-sums.js';

/** What is computed for an account of tensors that have the batch first. */
export interface Weighed {
  /** Made in the tidy that is open, and disposed by nobody else. */
  readonly made: readonly tf.Tensor[];
  /** Somebody else's. Relevance comes first. */
  readonly lent: readonly tf.Tensor[];
  /** What is booked, batch first: sample by sample from those made and those lent. */
  make(made: readonly tf.Tensor[], lent: readonly tf.Tensor[]): tf.Tensor;
}

/** A part whose tensor has neither ended nor been handed over yet. */
interface Pending {
  readonly tensor: tf.Tensor;
  readonly begin: () => HeldPart;
  readonly scales?: Scales;
}

/**
 * Most numbers per sample that relevance is weighed with by whoever reads the sum. They take memory for as long as the result
 * lives; up to this size, calling the kernels takes several times as long as they do.
 */
export const MOST_WEIGHED = 2 ** 15;

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
    const tensor = this.keepView(perChannel, [1, perChannel.size]);
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
   * Begins the sum of relevance that is weighed: the first of the tensors lent. If that may be part of the result, and what it is
   * weighed with is small, the sum is left to whoever reads it. May be called inside a tidy.
   */
  weigh({ made, lent, make }: Weighed): Counted {
    const [relevance, ...others] = lent;
    const size = others.reduce((sum, tensor) => sum + tensor.size, 0);
    const waits = made.length === 0 && relevance && this.pool.isHeld(relevance) && size <= MOST_WEIGHED * this.batch;
    if (!waits) return this.begin(() => make(made, lent));
    const weights = others.map((tensor) => this.pool.retain(this.keepView(tensor, tensor.shape)));
    const scales: Scales = { weights, make: (r, by) => make([], [r, ...by]) };
    const begin = () => {
      const begun = this.hold(beginWeighed(relevance, scales, this.batch));
      for (const weight of weights) this.pool.release(weight);
      return begun;
    };
    const sum = this.add({ tensor: relevance, begin, scales });
    this.pool.beforeEnd(relevance, () => {
      this.parts[sum.part] = begin();
    });
    return sum;
  }

  /**
   * All sums made of what was begun. The tensors are the caller's, and of the tidy around, if there is one.
   *
   * @param results Tensors that outlive the run.
   */
  finish(cells: readonly (readonly Counted[])[], results: ReadonlySet<tf.Tensor> = new Set()): HeldSums {
    const parts = this.parts.map((part): HeldPart => {
      if ('begin' in part && results.has(part.tensor)) return this.left(part);
      const own = 'begin' in part ? part.begin() : part;
      return { ...own, tensor: this.release(own.tensor), magnitudes: own.magnitudes && this.release(own.magnitudes) };
    });
    return { batch: this.batch, parts, cells };
  }

  /** What is part of the result. */
  private left({ tensor, scales }: Pending): HeldPart {
    const whole = wholePart(tensor, this.batch, true);
    if (!scales) return whole;
    return { ...whole, scales: { ...scales, weights: scales.weights.map((weight) => this.release(weight)) } };
  }

  /** The same data for longer than the tensor itself, and than the tidy around. */
  private keepView(tensor: tf.Tensor, shape: number[]): tf.Tensor {
    const view = tf.keep(ops.reshape(tensor, shape));
    this.kept.add(view);
    return view;
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
