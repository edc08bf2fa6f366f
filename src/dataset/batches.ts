import * as tf from '@tensorflow/tfjs-core';
import type { DatasetWork, HeldItem } from './go-through.js';
import type { ItemReader } from './source.js';
import type { Stop } from './stop.js';

/** Cuts what a reader gives into batches of neighbours that go together. */
export class Batches<I extends HeldItem> {
  /** The item that fitted the batch before it no more. */
  private waiting: I | null = null;
  /** Why the source ended, told once the items before that have been taken. */
  private failure: { readonly error: unknown } | null = null;
  private ended = false;

  constructor(
    private readonly reader: ItemReader,
    private readonly work: DatasetWork<I>,
    private readonly size: number,
    private readonly stop: Stop,
    private index: number,
  ) {}

  /**
   * The next batch, or null at the end. Its items are the caller's to release.
   *
   * @throws AbortError when the run is stopped while the source keeps it waiting; what the source throws.
   */
  async next(): Promise<readonly I[] | null> {
    const batch: I[] = [];
    if (this.failure) throw this.failure.error;
    try {
      while (batch.length < this.size) {
        const item = await this.take();
        if (!item) break;
        if (batch[0] && batch[0].key !== item.key) {
          this.waiting = item;
          break;
        }
        batch.push(item);
      }
    } catch (error) {
      if (batch.length > 0 && !this.stop.stopped) {
        this.failure = { error };
        return batch;
      }
      this.work.release(batch);
      throw error;
    }
    return batch.length > 0 ? batch : null;
  }

  /** Ends what is held. */
  release(): void {
    if (this.waiting) this.work.release([this.waiting]);
    this.waiting = null;
  }

  private async take(): Promise<I | null> {
    const { waiting, reader } = this;
    this.waiting = null;
    if (waiting || this.ended) return waiting;
    this.stop.check();
    const next = await this.stop.orStopped(reader.next(), ({ value }) => {
      if (reader.ownsItems) tf.dispose(value as tf.TensorContainer); // Whatever holds no tensors is passed over.
    });
    this.ended = next.done === true;
    return this.ended ? null : this.work.hold(this.index++, next.value, reader.ownsItems);
  }
}
