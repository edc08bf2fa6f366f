import type {
  DatasetDrive,
  FailedItem,
  Input,
  ItemRelevance,
  ItemResult,
  LazyDataset,
  PlanOptions,
  RulesInput,
  StartValue,
  Target,
  UnitIndex,
} from '../../index.js';
import type { NodeBackend } from '../backend.js';
import type { PlainInput } from './plain.js';

/**
 * Where the items come from: any iterable, async iterable or `tf.data.Dataset`. An item is one sample without the batch
 * axis, as tensors or as plain data, which needs no backend in this thread.
 */
export type WorkerSource = Iterable<Input | PlainInput> | AsyncIterable<Input | PlainInput> | LazyDataset;

/** Options of {@link explainDatasetInWorkers}. What is a function cannot be sent to a worker and belongs in `setup`. */
export interface WorkerOptions extends Omit<DatasetDrive, 'concurrency'> {
  /** A preset's name, or rules that are plain data. Default: those of the setup module, or chosen from the model. */
  readonly rules?: RulesInput;
  /** Options of the plan that are plain data. */
  readonly planOptions?: Omit<PlanOptions, 'registry'>;
  /** What is explained, the same for every item; plain data. */
  readonly target?: Exclude<Target, (...args: never) => unknown>;
  /** What is explained for each item, by its position; it is called in this thread. */
  readonly targetOf?: (index: number) => number | UnitIndex;
  /** What the explained units start with. Default their score. */
  readonly start?: Extract<StartValue, string>;
  /** Read the ledger of every batch and fail items where NaN or infinity appeared. Default false. */
  readonly check?: boolean;
  /**
   * Path or URL of a module that every worker loads before the model. It may register layer classes with tfjs, and export
   * what cannot be sent: `rules`, `planOptions` and `map`, see {@link WorkerSetup}.
   */
  readonly setup?: string | URL;
  /** Threads, each with a model of its own. Default: one per core, up to 8. */
  readonly workers?: number;
  /** The backend of the workers. Default wasm, which needs the package `@tensorflow/tfjs-backend-wasm`. */
  readonly backend?: NodeBackend;
  /** Flags of Node for the workers, such as `['--import', 'tsx']` for a setup module in TypeScript. Default: this process's. */
  readonly execArgv?: readonly string[];
}

/** What is handed out where failures are thrown. */
export type WorkerResults<T = ItemRelevance> = AsyncGenerator<ItemResult<T>, void, undefined>;

/** What is handed out where failures are reported. */
export type WorkerReports<T = ItemRelevance> = AsyncGenerator<ItemResult<T> | FailedItem, void, undefined>;
