import * as tf from '@tensorflow/tfjs-core';
import { sumPerSample } from '../kernels/sums.js';
import type { Loss } from '../rules/rule.js';
import type { TensorPool } from '../tensors/pool.js';

/** Ways in which relevance reaches no input. */
export const LOSSES: readonly Loss[] = ['bias', 'stabilizer', 'padding', 'emptyGroup', 'stopped', 'initialState'];

/** The sums of one step, each of shape [batch]. */
export const COLUMNS = ['received', 'passed', ...LOSSES, 'receivedMagnitude', 'passedMagnitude'] as const;

/** A column of the ledger. */
export type Column = (typeof COLUMNS)[number];

/** Books relevance that reaches no input: `make` answers it per element, batch first. */
export type Account = (loss: Loss, make: () => tf.Tensor) => void;

/** What a backward pass writes its accounts into. */
export interface Book {
  /** Starts (or goes on with) the account of a step that received this relevance. */
  open(node: number, received: tf.Tensor): Account;
  /** Closes the account opened last with what the step passed on. */
  close(passed: readonly (tf.Tensor | null)[]): void;
  /** Takes over a row kept element by element by a scan; the tensors stay the caller's. */
  enter(node: number, row: ScanRow): void;
}

/** A row before its elements are summed: columns, and the parts that were passed to each input. */
export type ScanRow = ReadonlyMap<Column | `passed:${number}`, tf.Tensor>;

/**
 * Books what becomes of the relevance of every step while the backward pass runs: sums per sample, taken on the device,
 * since the tensors are gone afterwards. Nothing is read back here.
 */
export class LedgerBook implements Book {
  private readonly rows: { readonly node: number; readonly sums: Map<Column, tf.Tensor> }[] = [];
  private readonly totals = new Map<tf.Tensor, { readonly sum: tf.Tensor; readonly magnitude: tf.Tensor }>();
  private readonly finite = new Map<number, tf.Tensor>();
  private current = new Map<Column, tf.Tensor>();

  constructor(
    private readonly batch: number,
    private readonly pool: TensorPool,
  ) {}

  /** Starts the row of a step. */
  open(node: number, received: tf.Tensor): Account {
    const sums = new Map<Column, tf.Tensor>();
    this.current = sums;
    this.rows.push({ node, sums });
    const total = this.totalOf(received);
    sums.set('received', this.pool.retain(total.sum));
    sums.set('receivedMagnitude', this.pool.retain(total.magnitude));
    return (loss, make) => this.add(sums, loss, () => this.sum(make()));
  }

  /** Closes the row of a step with what it passed on. */
  close(passed: readonly (tf.Tensor | null)[]): void {
    const sums = this.current;
    for (const tensor of passed) {
      if (!tensor) continue;
      const { sum, magnitude } = this.totalOf(tensor);
      this.add(sums, 'passed', () => sum);
      this.add(sums, 'passedMagnitude', () => magnitude);
    }
  }

  enter(node: number, row: ScanRow): void {
    const sums = new Map<Column, tf.Tensor>();
    for (const [key, tensor] of row) {
      const column = key.startsWith('passed:') ? 'passed' : (key as Column); // all other keys are columns
      this.add(sums, column, () => this.sum(tensor));
      if (column === 'received') this.add(sums, 'receivedMagnitude', () => this.sum(tf.abs(tensor)));
      if (column === 'passed') this.add(sums, 'passedMagnitude', () => this.sum(tf.abs(tensor)));
    }
    this.rows.push({ node, sums });
  }

  /** Remembers the sum of a step's output: it is finite only if every element is. */
  watch(node: number, output: tf.Tensor): void {
    this.finite.set(node, this.pool.retain(tf.tidy(() => this.sum(output))));
  }

  /** Everything booked as one tensor [rows, columns, batch], in the order of `nodes`; and the watched sums. */
  finish(): { nodes: number[]; sums: tf.Tensor; watched: number[]; outputs: tf.Tensor } {
    const zero = tf.zeros([this.batch]);
    const cells = this.rows.flatMap(({ sums }) => COLUMNS.map((column) => sums.get(column) ?? zero));
    const stacked = tf.tidy(() =>
      tf.reshape(cells.length > 0 ? tf.concat(cells) : tf.zeros([0]), [this.rows.length, COLUMNS.length, this.batch]),
    );
    const outputs = this.finite.size > 0 ? tf.concat([...this.finite.values()]) : tf.zeros([0]);
    zero.dispose();
    return { nodes: this.rows.map((row) => row.node), sums: stacked, watched: [...this.finite.keys()], outputs };
  }

  private add(sums: Map<Column, tf.Tensor>, column: Column, make: () => tf.Tensor): void {
    const known = sums.get(column);
    // Kept, because rules book from inside a tidy of their own.
    const next = this.pool.retain(tf.keep(tf.tidy(() => (known ? tf.add(known, make()) : make()))));
    if (known) this.pool.release(known);
    sums.set(column, next);
  }

  /** Sums of a tensor, taken once for the step that made it and the step that receives it. */
  private totalOf(tensor: tf.Tensor): { readonly sum: tf.Tensor; readonly magnitude: tf.Tensor } {
    const known = this.totals.get(tensor);
    if (known) return known;
    const [sum, magnitude] = tf.tidy((): [tf.Tensor, tf.Tensor] => [this.sum(tensor), this.sum(tf.abs(tensor))]);
    const total = { sum: this.pool.retain(sum), magnitude: this.pool.retain(magnitude) };
    this.totals.set(tensor, total);
    return total;
  }

  /** Sum per sample; a tensor without the batch (a constant) counts once for each. */
  private sum(x: tf.Tensor): tf.Tensor {
    const sums = sumPerSample(x);
    return sums.shape[0] === this.batch ? sums : tf.mul(tf.ones([this.batch]), sums);
  }
}
