import type * as tf from '@tensorflow/tfjs-core';
import type { Loss } from '../rules/rule.js';
import * as ops from '../tensors/ops.js';
import type { TensorPool } from '../tensors/pool.js';
import type { Counted, HeldSums } from './held-sums.js';
import { PartialSums, type Weighed } from './partial-sums.js';

/** Ways in which relevance reaches no input. */
export const LOSSES: readonly Loss[] = ['bias', 'stabilizer', 'padding', 'emptyGroup', 'stopped', 'initialState'];

/** The sums of one step, each of shape [batch]. */
export const COLUMNS = ['received', 'passed', ...LOSSES, 'receivedMagnitude', 'passedMagnitude'] as const;

/** A column of the ledger. */
export type Column = (typeof COLUMNS)[number];

/** One column that a sum belongs to. */
export interface Booked {
  readonly loss: Loss;
  /** The sum counts this often. */
  readonly times: number;
  /** Factor per channel, `[channels]`: what a bias earns. */
  readonly perChannel?: tf.Tensor;
}

/** The account of one step: relevance that reaches no input. Where no books are kept nothing is computed. */
export interface Account {
  /** Books what `make` answers: per element, or summed in part, batch first. */
  add(make: () => tf.Tensor, entries: readonly Booked[]): void;
  /** As `add`, of what is computed sample by sample, so that it may be put off and done for several time steps at once. */
  weigh(of: Weighed, entries: readonly Booked[]): void;
  /**
   * Books what channels earn: sums of `s [batch, ..., channels]` over all positions, which all entries share. Made as
   * {@link Weighed.made} is.
   */
  spread(s: tf.Tensor, entries: readonly Booked[]): void;
}

/** Where nothing is accounted. */
export const NO_ACCOUNT: Account = { add: () => {}, weigh: () => {}, spread: () => {} };

/** What a backward pass writes its accounts into. */
export interface Book {
  /** Starts (or goes on with) the account of a step that received this relevance, which the book's pool holds. */
  open(node: number, received: tf.Tensor): Account;
  /** Closes the account opened last with what the step passed on, which the book's pool holds. */
  close(passed: readonly (tf.Tensor | null)[]): void;
  /** Takes over a row kept element by element by a scan; the tensors stay the caller's. */
  enter(node: number, row: ScanRow): void;
}

/** A row before its elements are summed: columns, and the parts that were passed to each input. */
export type ScanRow = ReadonlyMap<Column | `passed:${number}`, tf.Tensor>;

/** The sums that make up each column of a row. */
type Cells = Map<Column, Counted[]>;

/**
 * Books what becomes of the relevance of every step while the backward pass runs: sums per sample, begun on the device,
 * since the tensors are gone afterwards. Nothing is read back here.
 */
export class LedgerBook implements Book {
  private readonly rows: { readonly node: number; readonly cells: Cells }[] = [];
  private readonly totals = new Map<object, { readonly sum: Counted; readonly magnitude: Counted }>();
  private readonly sums: PartialSums;
  private current: Cells = new Map();

  constructor(batch: number, pool: TensorPool) {
    this.sums = new PartialSums(batch, pool);
  }

  /** Starts the row of a step. */
  open(node: number, received: tf.Tensor): Account {
    const cells: Cells = new Map();
    this.current = cells;
    this.rows.push({ node, cells });
    const { sum, magnitude } = this.totalOf(received);
    add(cells, 'received', sum);
    add(cells, 'receivedMagnitude', magnitude);
    const book = (sum: Counted, entries: readonly Booked[]) => {
      for (const { loss, times } of entries) add(cells, loss, sum, times);
    };
    return {
      add: (make, entries) => book(this.sums.begin(make), entries),
      weigh: (of, entries) => book(this.sums.weigh(of), entries),
      spread: (s, entries) => this.spread(cells, s, entries),
    };
  }

  private spread(cells: Cells, s: tf.Tensor, entries: readonly Booked[]): void {
    const channels = this.sums.beginChannels(s);
    let bare: Counted | null = channels;
    for (const { loss, times, perChannel } of entries) {
      if (!perChannel) bare ??= this.sums.begin(() => s);
      const sum = perChannel ? this.earned(s, channels, perChannel) : bare;
      if (sum) add(cells, loss, sum, times);
    }
  }

  /** What channels earn together. */
  private earned(s: tf.Tensor, channels: Counted | null, perChannel: tf.Tensor): Counted {
    if (channels) return { ...channels, factor: this.sums.factors(perChannel) };
    return this.sums.begin(() => ops.mul(s, perChannel));
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

  /**
   * A row of a step inside the scan that is open. What moved there moved inside the scan, whose residual is that of all the
   * steps inside: relevance of either sign may be far larger there than what the scan receives and passes on.
   */
  enter(node: number, row: ScanRow): void {
    const cells: Cells = new Map();
    const scan = this.current;
    for (const [key, tensor] of row) {
      const column = key.startsWith('passed:') ? 'passed' : (key as Column); // all other keys are columns
      add(
        cells,
        column,
        this.sums.begin(() => tensor),
      );
      const magnitude = () => this.sums.begin(() => ops.abs(tensor));
      if (column === 'passed') add(cells, 'passedMagnitude', magnitude());
      if (column !== 'received') continue;
      const received = magnitude();
      add(cells, 'receivedMagnitude', received);
      add(scan, 'receivedMagnitude', received);
    }
    this.rows.push({ node, cells });
  }

  /**
   * Everything booked: a sum for each column of each row, in the order of `nodes`. The tensors are the caller's.
   *
   * @param results Tensors that outlive the run: they are summed when somebody reads the sums.
   */
  finish(results: ReadonlySet<tf.Tensor>): { readonly nodes: readonly number[]; readonly sums: HeldSums } {
    const cells = this.rows.flatMap((row) => COLUMNS.map((column) => row.cells.get(column) ?? []));
    return { nodes: this.rows.map((row) => row.node), sums: this.sums.finish(cells, results) };
  }

  /** Sums of a tensor, taken once for the step that made it and the step that receives it. */
  private totalOf(tensor: tf.Tensor): { readonly sum: Counted; readonly magnitude: Counted } {
    // Tensors of other shapes share their data.
    const known = this.totals.get(tensor.dataId);
    if (known) return known;
    const total = this.sums.total(tensor);
    this.totals.set(tensor.dataId, total);
    return total;
  }
}

function add(cells: Cells, column: Column, sum: Counted, times = 1): void {
  const counted = times === 1 ? sum : { ...sum, times: sum.times * times };
  const known = cells.get(column);
  if (known) known.push(counted);
  else cells.set(column, [counted]);
}
