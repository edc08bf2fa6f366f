import * as tf from '@tensorflow/tfjs-core';
import { sumAxis } from '../kernels/sums.js';
import * as ops from '../tensors/ops.js';
import type { TensorPool } from '../tensors/pool.js';
import type { Booked } from './ledger-book.js';
import type { Weighed } from './partial-sums.js';

/** Most time steps that are done at once. */
const MOST = 32;

/** What is computed for one step, and the tensors of the time steps that wait for it. */
interface Waiting<Row> {
  readonly row: Row;
  readonly make: Weighed['make'];
  readonly entries: readonly Booked[];
  of: Pick<Weighed, 'made' | 'lent'>[];
}

/**
 * What the accounts of a scan are computed from, put off until there are many time steps of it: those are put one behind
 * the other, as if they were so many samples, since a kernel for a few numbers takes as long as one for many.
 */
export class PutOff<Row> {
  /** Bytes of the tensors that wait. */
  bytes = 0;
  private readonly waiting = new Map<string, Waiting<Row>>();

  /**
   * @param held Holds the tensors.
   * @param borrow Holds what was lent, for as long as it takes.
   * @param book Takes what came of it, summed over the time steps; `sum` is only lent.
   */
  constructor(
    private readonly held: TensorPool,
    private readonly borrow: (tensor: tf.Tensor) => tf.Tensor,
    private readonly book: (row: Row, sum: tf.Tensor, entries: readonly Booked[]) => void,
  ) {}

  /** Takes down what is the same at every time step by its name. */
  add(name: string, row: Row, { made, lent, make }: Weighed, entries: readonly Booked[]): void {
    const waiting = this.waiting.get(name) ?? { row, make, entries, of: [] };
    this.waiting.set(name, waiting);
    waiting.of.push({
      made: made.map((tensor) => take(tensor, this.held)),
      lent: lent.map(this.borrow),
    });
    this.bytes += bytesOf([...made, ...lent]);
  }

  /** Does what has waited long enough. Only between time steps, since what was made is in use until then. */
  settle(): void {
    for (const waiting of this.waiting.values()) if (waiting.of.length >= MOST) this.doAll(waiting);
  }

  /** Does all that waits. */
  finish(): void {
    for (const waiting of this.waiting.values()) if (waiting.of.length > 0) this.doAll(waiting);
  }

  /** Ends all tensors. */
  dispose(): void {
    for (const { of } of this.waiting.values()) for (const tensor of allOf(of)) this.held.release(tensor);
    this.waiting.clear();
    this.bytes = 0;
  }

  private doAll(waiting: Waiting<Row>): void {
    const { row, make, entries, of } = waiting;
    waiting.of = [];
    const sum = tf.tidy(() => {
      const behind = (side: 'made' | 'lent') =>
        (of[0]?.[side] ?? []).map((_, index) => tf.concat(of.flatMap((one) => one[side][index] ?? [])));
      const together = make(behind('made'), behind('lent'));
      const [samples = 1, ...rest] = together.shape;
      const rows = ops.reshape(together, [of.length, together.size / of.length]);
      return ops.reshape(sumAxis(rows, 0), [samples / of.length, ...rest]);
    });
    this.book(row, sum, entries);
    sum.dispose();
    this.bytes -= bytesOf(allOf(of));
    for (const tensor of allOf(of)) this.held.release(tensor);
  }
}

function allOf(of: readonly Pick<Weighed, 'made' | 'lent'>[]): tf.Tensor[] {
  return of.flatMap(({ made, lent }) => [...made, ...lent]);
}

/** The same numbers for a pool to hold: what is somebody else's may end at any time. */
export function holdCopy(tensor: tf.Tensor, pool: TensorPool): tf.Tensor {
  return pool.retain(tf.keep(ops.reshape(tensor, tensor.shape)));
}

/** A tensor of the tidy that is open, taken from it for a pool to hold. */
export function take(tensor: tf.Tensor, pool: TensorPool): tf.Tensor {
  return pool.retain(tf.keep(tensor));
}

/** Bytes of float tensors. */
export function bytesOf(tensors: readonly tf.Tensor[]): number {
  return tensors.reduce((sum, { size }) => sum + 4 * size, 0);
}
