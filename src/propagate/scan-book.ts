import * as tf from '@tensorflow/tfjs-core';
import { sumPerSample } from '../kernels/sums.js';
import { type Account, type Book, type Column, LOSSES, type ScanRow } from './ledger-book.js';

/** A column, or one input's part of what was passed on. */
type Key = Column | `passed:${number}`;
type Row = Map<Key, tf.Tensor>;

/**
 * The accounts of the steps inside a scan. Over many short time steps a sum each would cost more than the steps, so
 * relevance is added up element by element and summed once at the end.
 */
export class ScanBook implements Book {
  private readonly rows = new Map<number, Row>();
  /** Rows of scans inside this one, whose losses their own row already holds. */
  private readonly inner = new Map<number, Row>();
  private current: Row = new Map();

  open(node: number, received: tf.Tensor): Account {
    this.current = this.rows.get(node) ?? new Map();
    this.rows.set(node, this.current);
    const row = this.current;
    this.add(row, 'received', () => received);
    return (loss, make) => this.add(row, loss, make);
  }

  close(passed: readonly (tf.Tensor | null)[]): void {
    const row = this.current;
    for (const [index, tensor] of passed.entries()) {
      // Inputs differ in shape; each has a sum of its own until the end.
      if (tensor) this.add(row, `passed:${index}`, () => tensor);
    }
  }

  enter(node: number, row: ScanRow): void {
    const own = this.inner.get(node) ?? new Map();
    this.inner.set(node, own);
    for (const [key, tensor] of row) this.add(own, key, () => tensor);
  }

  /** Hands the accounts over, a row per step; `account` is told what the body as a whole lost. */
  finish(book: Book, account: Account): void {
    for (const row of this.rows.values()) {
      for (const loss of LOSSES) {
        const tensor = row.get(loss);
        // Sums per sample, since the steps' tensors differ in shape.
        if (tensor) account(loss, () => sumPerSample(tensor));
      }
    }
    for (const [node, row] of [...this.rows, ...this.inner]) book.enter(node, row);
    this.dispose();
  }

  /** Ends all tensors; may be called twice. */
  dispose(): void {
    for (const row of [...this.rows.values(), ...this.inner.values()]) {
      for (const tensor of row.values()) tensor.dispose();
    }
    this.rows.clear();
    this.inner.clear();
  }

  private add(row: Row, column: Key, make: () => tf.Tensor): void {
    const known = row.get(column);
    const part = (): tf.Tensor => {
      const made = make();
      return tf.reshape(made, made.shape);
    };
    row.set(column, tf.keep(tf.tidy(() => (known ? tf.add(known, make()) : part()))));
    known?.dispose();
  }
}
