import * as tf from '@tensorflow/tfjs-core';
import type { Loss } from '../rules/rule.js';
import type { TensorPool } from '../tensors/pool.js';
import { PendingSums, totalsOf } from './pending-sums.js';

/** Ways in which relevance reaches no input. */
export const LOSSES: readonly Loss[] = ['bias', 'stabilizer', 'padding', 'emptyGroup', 'stopped', 'initialState'];

/** The sums of one step, each of shape [batch]. */
export const COLUMNS = ['received', 'passed', ...LOSSES, 'receivedMagnitude', 'passedMagnitude'] as const;

/** A column of the ledger. */
export type Column = (typeof COLUMNS)[number];

/** Books relevance that reaches no input: `make` answers it per element, or summed in part, batch first. */
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

/** Numbers of the sums that make up each column of a row. */
type Cells = Map<Column, number[]>;

/**
 * Books what becomes of the relevance of every step while the backward pass runs: sums per sample, taken on the device,
 * since the tensors are gone afterwards. Nothing is read back here.
 */
export class LedgerBook implements Book {
  private readonly rows: { readonly node: number; readonly cells: Cells }[] = [];
  private readonly totals = new Map<tf.Tensor, { readonly sum: number; readonly magnitude: number }>();
  private readonly finite = new Map<number, number>();
  private readonly sums: PendingSums;
  private current: Cells = new Map();

  constructor(
    private readonly batch: number,
    pool: TensorPool,
  ) {
    this.sums = new PendingSums(batch, pool);
  }

  /** Starts the row of a step. */
  open(node: number, received: tf.Tensor): Account {
    const cells: Cells = new Map();
    this.current = cells;
    this.rows.push({ node, cells });
    const { sum, magnitude } = this.totalOf(received);
    add(cells, 'received', sum);
    add(cells, 'receivedMagnitude', magnitude);
    return (loss, make) => add(cells, loss, this.sums.begin(make));
  }

  /** Closes the row of a step with what it passed on. */
  close(passed: readonly (tf.Tensor | null)[]): void {
    for (const tensor of passed) {
      if (!tensor) continue;
      const { sum, magnitude } = this.totalOf(tensor);
      add(this.current, 'passed', sum);
      add(this.current, 'passedMagnitude', magnitude);
    }
  }

  enter(node: number, row: ScanRow): void {
    const cells: Cells = new Map();
    for (const [key, tensor] of row) {
      const column = key.startsWith('passed:') ? 'passed' : (key as Column); // all other keys are columns
      add(
        cells,
        column,
        this.sums.begin(() => tensor),
      );
      const magnitude = () => this.sums.begin(() => tf.abs(tensor));
      if (column === 'received') add(cells, 'receivedMagnitude', magnitude());
      if (column === 'passed') add(cells, 'passedMagnitude', magnitude());
    }
    this.rows.push({ node, cells });
  }

  /** Remembers the sum of a step's output: it is finite only if every element is. */
  watch(node: number, output: tf.Tensor): void {
    this.finite.set(
      node,
      this.sums.begin(() => output),
    );
  }

  /** Everything booked as one tensor [rows, columns, batch], in the order of `nodes`; and the watched sums. */
  finish(): { nodes: number[]; sums: tf.Tensor; watched: number[]; outputs: tf.Tensor } {
    const cells = this.rows.flatMap((row) => COLUMNS.map((column) => row.cells.get(column) ?? []));
    const watched = [...this.finite.values()].map((number) => [number]);
    const [sums, outputs] = tf.tidy((): [tf.Tensor, tf.Tensor] => {
      const all = this.sums.finish();
      const shape = [this.rows.length, COLUMNS.length, this.batch];
      return [tf.reshape(totalsOf(all, cells), shape), tf.reshape(totalsOf(all, watched), [-1])];
    });
    return { nodes: this.rows.map((row) => row.node), sums, watched: [...this.finite.keys()], outputs };
  }

  /** Sums of a tensor, taken once for the step that made it and the step that receives it. */
  private totalOf(tensor: tf.Tensor): { readonly sum: number; readonly magnitude: number } {
    const known = this.totals.get(tensor);
    if (known) return known;
    const total = { sum: this.sums.begin(() => tensor), magnitude: this.sums.begin(() => tf.abs(tensor)) };
    this.totals.set(tensor, total);
    return total;
  }
}

function add(cells: Cells, column: Column, sum: number): void {
  cells.set(column, [...(cells.get(column) ?? []), sum]);
}
