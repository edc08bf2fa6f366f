import * as tf from '@tensorflow/tfjs-core';
import { mostAdded } from '../kernels/choices.js';
import * as ops from '../tensors/ops.js';
import { TensorPool } from '../tensors/pool.js';
import { type Account, type Book, type Booked, type Column, LOSSES, type ScanRow } from './ledger-book.js';
import { bytesOf, holdCopy, PutOff, take } from './put-off.js';

/** A column, or one input's part of what was passed on. */
type Key = Column | `passed:${number}`;
type Row = Map<Key, tf.Tensor>;

/** One place of the accounts. */
interface Entry {
  readonly row: Row;
  readonly key: Key;
}

/** The sum so far, and tensors that are still to be added to it. */
interface Adding {
  waiting: tf.Tensor[];
}

/** What a list of entries has come to. */
interface Sum extends Adding {
  readonly entries: readonly Entry[];
}

/** What channels earned so far, before it is shared out. */
interface Spread extends Adding {
  readonly row: Row;
  readonly entries: readonly Booked[];
}

/** Most bytes of all tensors that wait for being added: those of large states are added soon. */
const MOST_WAITING_BYTES = 2 ** 22;

/**
 * The accounts of the steps inside a scan. Over many short time steps a sum each would cost more than the steps, so
 * relevance is added up element by element and summed once at the end. What one step passes on the next one receives,
 * and a step that only hands on does so twice: a tensor is added once for all its entries, which are the same at every
 * time step. Tensors of several time steps are added by one kernel.
 */
export class ScanBook implements Book {
  private readonly rows = new Map<number, Row>();
  /** Rows of scans inside this one, whose losses their own row already holds. */
  private readonly inner = new Map<number, Row>();
  private current: Row = new Map();
  private node = -1;
  private pool = new TensorPool();
  /** Entries of the tensors of the present time step, with a name for each list of them. */
  private readonly present = new Map<tf.Tensor, { name: string; readonly entries: Entry[] }>();
  /** What is still to be weighed, by step and turn. */
  private readonly putOff: PutOff<Row>;
  /** What channels earned so far, by step and turn. */
  private readonly spreads = new Map<string, Spread>();
  /** Sums so far, by the name of the entries they belong to. */
  private readonly sums = new Map<string, Sum>();
  /** Bytes of the tensors that have not been added yet. */
  private waiting = 0;
  private readonly atOnce = mostAdded();

  /** @param held Holds tensors until they are added: longer than their time step. */
  constructor(private readonly held: TensorPool) {
    const borrow = (tensor: tf.Tensor) => this.borrow(tensor);
    this.putOff = new PutOff(held, borrow, (row, sum, entries) => this.addAll(row, () => sum, entries));
  }

  /** Begins a time step, whose tensors are held by `pool`. */
  begin(pool: TensorPool): void {
    this.pool = pool;
    this.present.clear();
  }

  open(node: number, received: tf.Tensor): Account {
    const row = this.rowOf(this.rows, node);
    this.current = row;
    this.node = node;
    this.note(received, { row, key: 'received' });
    let turns = 0;
    const add = (make: () => tf.Tensor, entries: readonly Booked[]) => this.addAll(row, make, entries);
    return {
      add,
      weigh: (of, entries) => {
        const { made, lent, make } = of;
        // Only what has samples can be put side by side.
        const alike = (tensor: tf.Tensor) => tensor.rank === received.rank && tensor.shape[0] === received.shape[0];
        if (![...made, ...lent].every(alike)) add(() => make(made, lent), entries);
        else this.putOff.add(`${node}:${turns++}`, row, of, entries);
      },
      // What channels earn is linear in `s`: it is added up over time first, and shared out once.
      spread: (s, entries) => this.spread(`${node}:${turns++}`, row, s, entries),
    };
  }

  close(passed: readonly (tf.Tensor | null)[]): void {
    // Inputs differ in shape; each has a sum of its own until the end.
    for (const [index, tensor] of passed.entries()) {
      if (tensor) this.note(tensor, { row: this.current, key: `passed:${index}` });
    }
  }

  enter(node: number, row: ScanRow): void {
    const own = this.rowOf(this.inner, node);
    for (const [key, tensor] of row) this.add(own, key, () => tensor);
  }

  private spread(name: string, row: Row, s: tf.Tensor, entries: readonly Booked[]): void {
    const spread = this.spreads.get(name) ?? {
      row,
      entries: entries.map((entry) => this.holdFactor(entry)),
      waiting: [],
    };
    this.spreads.set(name, spread);
    spread.waiting.push(take(s, this.held));
    this.waiting += bytesOf([s]);
  }

  private holdFactor({ perChannel, ...entry }: Booked): Booked {
    return perChannel ? { ...entry, perChannel: holdCopy(perChannel, this.held) } : entry;
  }

  /** Holds what somebody else may end: as it is where it is held here, or the time step leaves it here anyhow. */
  private borrow(tensor: tf.Tensor): tf.Tensor {
    const stays = this.held.isHeld(tensor) || (this.present.has(tensor) && !this.pool.isForeign(tensor));
    return stays ? this.held.retain(tensor) : holdCopy(tensor, this.held);
  }

  /** Ends a time step: what was noted is taken over, to be added up. */
  settle(): void {
    for (const [tensor, { name, entries }] of this.present) {
      const sum = this.sums.get(name) ?? { entries, waiting: [] };
      this.sums.set(name, sum);
      sum.waiting.push(this.borrow(tensor));
      if (!this.pool.isForeign(tensor)) this.pool.handOver([tensor]);
      this.waiting += 4 * tensor.size;
      if (sum.waiting.length >= this.atOnce) this.addUp(sum);
    }
    this.present.clear();
    // Only now: what was taken from the time step was still in use.
    this.putOff.settle();
    for (const spread of this.spreads.values()) if (spread.waiting.length >= this.atOnce) this.addUp(spread);
    if (this.waiting + this.putOff.bytes > MOST_WAITING_BYTES) this.addUpAll();
  }

  private addUpAll(): void {
    this.putOff.finish();
    for (const sum of [...this.sums.values(), ...this.spreads.values()]) this.addUp(sum);
  }

  /** All that waits, and the sum so far, as one tensor. */
  private addUp(sum: Adding): void {
    const { waiting } = sum;
    if (waiting.length < 2) return;
    const total = this.held.retain(tf.keep(tf.addN(waiting)));
    for (const tensor of waiting) {
      this.waiting -= 4 * tensor.size;
      this.held.release(tensor);
    }
    this.waiting += 4 * total.size;
    sum.waiting = [total];
  }

  /** Hands the accounts over, a row per step; `account` is told what the body as a whole lost. */
  finish(book: Book, account: Account): void {
    this.addUpAll();
    for (const { waiting, entries } of this.sums.values()) {
      for (const total of waiting) for (const { row, key } of entries) this.add(row, key, () => total);
    }
    for (const { row, entries, waiting } of this.spreads.values()) {
      for (const total of waiting) {
        for (const { loss, times, perChannel } of entries)
          this.add(row, loss, () => ops.mul(total, perChannel ?? times));
      }
    }
    for (const row of this.rows.values()) {
      for (const loss of LOSSES) {
        const tensor = row.get(loss);
        if (tensor) account.add(() => tensor, [{ loss, times: 1 }]);
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
    for (const { waiting } of this.sums.values()) for (const tensor of waiting) this.held.release(tensor);
    for (const { waiting, entries } of this.spreads.values()) {
      for (const tensor of [...waiting, ...entries.flatMap(({ perChannel }) => perChannel ?? [])]) {
        this.held.release(tensor);
      }
    }
    this.putOff.dispose();
    for (const map of [this.rows, this.inner, this.sums, this.spreads, this.present]) map.clear();
  }

  private rowOf(rows: Map<number, Row>, node: number): Row {
    const row = rows.get(node) ?? new Map<Key, tf.Tensor>();
    rows.set(node, row);
    return row;
  }

  private note(tensor: tf.Tensor, entry: Entry): void {
    const known = this.present.get(tensor) ?? { name: '', entries: [] };
    // Held until the time step is settled.
    if (known.entries.length === 0) this.pool.retain(tensor);
    known.name += ` ${this.node}:${entry.key}`;
    known.entries.push(entry);
    this.present.set(tensor, known);
  }

  private addAll(row: Row, make: () => tf.Tensor, entries: readonly Booked[]): void {
    tf.tidy(() => {
      const made = make();
      for (const { loss, times } of entries) this.add(row, loss, () => (times === 1 ? made : ops.mul(made, times)));
    });
  }

  private add(row: Row, key: Key, make: () => tf.Tensor): void {
    row.set(key, sumOf(row.get(key), make));
  }
}

/** `known + more`, or a copy of what there is first; ends `known`. Kept, because rules book from inside a tidy. */
function sumOf(known: tf.Tensor | undefined, more: () => tf.Tensor): tf.Tensor {
  const sum = tf.tidy(() => {
    const made = more();
    return tf.keep(known ? ops.add(known, made) : ops.reshape(made, made.shape));
  });
  known?.dispose();
  return sum;
}
