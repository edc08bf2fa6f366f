import type { Explanation } from '../explanation/explanation.js';
import type { PropagateOptions } from '../propagate/run.js';
import type { UnitIndex } from '../propagate/target.js';
import type { ItemError } from './item-error.js';
import type { ItemRelevance } from './item-relevance.js';

/** How far a dataset is. */
export interface DatasetProgress {
  /** Items handed out, failed ones included. */
  readonly done: number;
  /** Of these, items that could not be explained. */
  readonly failed: number;
  /** Items of the dataset, or null when the source does not say. */
  readonly total: number | null;
}

/** The items that were explained together. */
export interface DatasetBatch {
  /** Positions in the dataset, in the order of the batch axis. */
  readonly indices: readonly number[];
}

/**
 * Takes from the explanation of a batch what is wanted of it: one value per sample, in the order of the batch axis. The
 * explanation is disposed afterwards; tensors among the values are the caller's.
 */
export type ReadBatch<T> = (explanation: Explanation, batch: DatasetBatch) => readonly T[] | Promise<readonly T[]>;

/** How a dataset is gone through. */
export interface DatasetDrive {
  /** Called whenever an item is about to be handed out. */
  readonly onProgress?: (progress: DatasetProgress) => void;
  /** Stops the work when it fires. */
  readonly signal?: AbortSignal;
  /** Milliseconds for the dataset as a whole, after which the work stops. */
  readonly timeBudget?: number;
  /** Most items that are worked on together; only neighbours of equal shapes are explained together. Default 8. */
  readonly batchSize?: number;
  /** Batches that are worked on at the same time, such as reading one while another runs on the GPU. Default 1. */
  readonly concurrency?: number;
  /** `throw` ends at the first item that cannot be explained (default); `report` hands out its error and goes on. */
  readonly onError?: 'throw' | 'report';
  /** Position of the first item, where a dataset is gone through in parts. Default 0. */
  readonly firstIndex?: number;
}

/** Options of {@link explainDataset}: those of an explanation, and how the dataset is gone through. */
export interface DatasetOptions<T = unknown> extends PropagateOptions, DatasetDrive {
  /** What is explained for each item, by its position: a unit, or the index tuple of one. Goes with a `target` that only places it. */
  readonly targetOf?: (index: number) => number | UnitIndex;
  /** Read the ledger of every batch and fail items where NaN or infinity appeared. Default false. */
  readonly check?: boolean;
  /** What is read of each batch's explanation. Default: relevance of the inputs and the explained score, see {@link ItemRelevance}. */
  readonly map?: ReadBatch<T>;
}

/** What became of an item. */
export interface ItemResult<T = ItemRelevance> {
  /** Position of the item in the dataset, from 0. */
  readonly index: number;
  /** What was read of its explanation. */
  readonly value: T;
  /** Set for a {@link FailedItem} only. */
  readonly error?: undefined;
}

/** An item that could not be explained. */
export interface FailedItem {
  /** Position of the item in the dataset, from 0. */
  readonly index: number;
  /** Why. */
  readonly error: ItemError;
  /** Set for an {@link ItemResult} only. */
  readonly value?: undefined;
}

/**
 * What `explainDataset` hands out with these options: the values of `map` where there is one, and failures where they are
 * reported. Of options that may or may not have a `map` either value can come.
 */
export type DatasetAnswer<O> =
  | ItemResult<
      'map' extends keyof O
        ? O['map'] extends ReadBatch<infer T>
          ? T
          : NonNullable<O['map']> extends ReadBatch<infer U>
            ? U | ItemRelevance
            : ItemRelevance
        : ItemRelevance
    >
  | ('onError' extends keyof O ? ('report' extends O['onError'] ? FailedItem : never) : never);
