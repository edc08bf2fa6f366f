import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../errors.js';
import { FEW, FEW_BLOCKS, LEAST_BLOCK, SHORT_ROW } from '../kernels/sums.js';
import type { PlannedModel } from '../plan/plan-model.js';
import { type EdgeShapes, shapesOf } from '../plan/shapes.js';
import { sizeOf } from '../tensors/shape.js';
import type { Wanted } from './backward.js';
import { memoryOf } from './memory.js';
import { MOST_WEIGHED } from './partial-sums.js';

const GIB = 2 ** 30;

/** Bytes that tensors may take. */
interface Budget {
  /** All together, while a batch runs as a whole. */
  readonly whole: number;
  /** Those of a part while it runs, where the batch is cut. */
  readonly part: number;
  /** What is there before and the results. */
  readonly results: number;
}

/**
 * By backend. The wasm heap ends at 4 GiB, never shrinks, and beyond its end tensors are overwritten in silence. While
 * tensors of many sizes come and go it grows to more than they take: 14 samples of VGG16, 2.4 GiB of tensors, ended it.
 * Small parts cost no time there, since its kernels are as fast for one sample as for many. What a GPU has is not to be
 * asked; two GiB most have. The cpu backend has no limit of its own.
 */
const BUDGETS: Readonly<Record<string, Budget>> = {
  wasm: { whole: 2 * GIB, part: GIB / 4, results: 3.4 * GIB },
  webgl: { whole: 2 * GIB, part: 2 * GIB, results: 2 * GIB },
  webgpu: { whole: 2 * GIB, part: 2 * GIB, results: 2 * GIB },
};

/**
 * Copies of a weight that a backend makes for itself beside the tensor: wasm packs each once, and the kernels of
 * convolutions, which have more than two axes, it transposes besides.
 */
const COPIES: Readonly<Record<string, (rank: number) => number>> = { wasm: (rank) => (rank > 2 ? 2 : 1) };

/**
 * Where results of one part do not lie in the backend's memory while other parts run: they are read into arrays and
 * brought back at the end. The wasm heap would be full of holes the size of a part; reading from it is a copy.
 */
const SETS_ASIDE: readonly string[] = ['wasm'];

/** Where reading a tensor is at most a copy: what is left of the ledger's sums is finished part by part there. */
const PLAIN_MEMORY: readonly string[] = ['wasm', 'cpu'];

/** What a run needs of the memory there is. */
export interface Need {
  /** Samples. */
  readonly batch: number;
  /** Bytes of the results of all samples. */
  readonly results: number;
  /** The most bytes that a sample takes while it runs. */
  readonly peak: number;
  /** What tensors may take. */
  readonly budget: Budget;
  /** Bytes of copies of the model's weights that the backend makes. */
  readonly copies: number;
  /** Whether results are set aside while other parts run. */
  readonly setsAside: boolean;
  /** Whether the sums of a part are finished before the next one runs. */
  readonly finishesSums: boolean;
}

/**
 * What a batch needs; null where it is run as a whole whatever it needs: nothing is known of a limit, or the model is for
 * so many samples and no others.
 *
 * @param given Bytes that all tensors together may take; default what the backend has.
 * @param ledger Whether one is kept.
 */
export function needOf(
  plan: PlannedModel,
  inputs: readonly tf.Tensor[],
  wanted: () => Wanted,
  targets: number,
  given: number | undefined,
  ledger: boolean,
): Need | null {
  const backend = tf.getBackend();
  const budget = given === undefined ? BUDGETS[backend] : { whole: given, part: given, results: given };
  const batch = inputs[0]?.shape[0] ?? 1;
  const fixed = plan.inputs.some((port) => port.shape[0] !== null);
  if (batch === 1 || fixed || !budget) return null;
  const one = inputs.map((input) => [1, ...input.shape.slice(1)]);
  const shapes = shapesOf(plan.graph, one, new Map(), 1);
  const { kept, peak } = memoryOf(plan, shapes, wanted(), true);
  const finishesSums = PLAIN_MEMORY.includes(backend);
  const sums = ledger && !finishesSums ? sumsBytes(plan, shapes) : 0;
  return {
    batch,
    results: targets * (kept + sums) * batch,
    peak: targets * peak,
    budget,
    copies: copiesOf(plan.weightShapes),
    setsAside: SETS_ASIDE.includes(backend),
    finishesSums,
  };
}

/**
 * How many of the samples that are left may run at once. What is derived from weights counts as far as it is there; where
 * that is nothing yet and memory is scarce, one sample goes first.
 *
 * @throws InputError when the results of all samples alone do not fit.
 */
export function samplesAtOnce(need: Need, { derived }: PlannedModel, left: number): number {
  const { batch, results, peak, budget } = need;
  const resident = tf.memory().numBytes + need.copies + copiesOf(derived.shapes);
  // The results of parts that ran before are in use already, unless they were set aside.
  const ahead = need.setsAside ? results : (results * left) / batch;
  if (resident + ahead > budget.results) throw tooMuch(batch, resident, results, budget.results);
  const all = resident + ahead + left * peak;
  if (derived.made === 0 && all > budget.whole / 2) return 1;
  // A part that is all there is has its results where they belong from the start.
  if (left === batch && all <= budget.whole) return left;
  const beside = need.setsAside ? resident : resident + ahead;
  const room = Math.min(budget.part, budget.results - beside);
  return Math.max(1, Math.min(left, Math.floor(room / peak)));
}

/** The most bytes that are left of the ledger's sums of a sample: totals, what is weighed, what was lost, and the watched output. */
function sumsBytes({ nodes }: PlannedModel, shapes: EdgeShapes): number {
  const mayBeEmpty = nodes.filter(({ programs }) => programs?.general.shares.some((share) => share.mayBeEmpty));
  const weighed = new Set(mayBeEmpty.map(({ node }) => node.output));
  const numbers = (size: number, isWeighed: boolean) => {
    const weights = isWeighed && size <= MOST_WEIGHED ? size : 0;
    const blocks = Math.max(SHORT_ROW, Math.min(FEW_BLOCKS, size / LEAST_BLOCK));
    return Math.min(size, FEW) + weights + 4 * Math.min(size, blocks);
  };
  return [...shapes].reduce((sum, [edge, shape]) => sum + 4 * numbers(sizeOf(shape), weighed.has(edge)), 0);
}

function copiesOf(shapes: readonly (readonly number[])[]): number {
  const copies = COPIES[tf.getBackend()];
  return copies ? shapes.reduce((sum, shape) => sum + 4 * sizeOf(shape) * copies(shape.length), 0) : 0;
}

function tooMuch(batch: number, resident: number, results: number, limit: number): InputError {
  const mib = (bytes: number) => `${Math.ceil(bytes / 2 ** 20)} MiB`;
  return new InputError(
    `The relevances of ${batch} samples take ${mib(results)} besides ${mib(resident)} in use, more than the ${mib(limit)} there ` +
      "are. Explain fewer samples at once, keep fewer layers ({keep: 'inputs'}), or raise {memoryBudget} if there is more.",
  );
}
