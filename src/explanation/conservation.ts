import type * as tf from '@tensorflow/tfjs-core';
import { NumericsError } from '../errors.js';
import { checkSums, type HeldSums, readSums } from '../propagate/held-sums.js';
import { COLUMNS, type Column } from '../propagate/ledger-book.js';
import { type Ledger, type LedgerRow, type LedgerSums, ledgerOf } from './ledger.js';

/** Names of a step, as they stand in the ledger. */
export interface StepLabel {
  /** Address of the step. */
  readonly address: string;
  /** Class of the layer. */
  readonly layerType: string;
  /** Name of the step. */
  readonly step: string;
  /** The rule with its parameters. */
  readonly rule: string;
}

/** Sums of an explanation, begun on the device and finished when they are read. */
export interface LedgerSource {
  /** One for each column of each row. */
  readonly sums: HeldSums;
  /** One per row. */
  readonly labels: readonly StepLabel[];
  /** Sums of the watched outputs: finite only where every element is. */
  readonly outputs: HeldSums;
  /** The steps whose outputs were summed. */
  readonly watched: readonly StepLabel[];
  /** The relevance that was started with. */
  readonly started: tf.Tensor;
  /** The relevance of the inputs. */
  readonly arrived: readonly tf.Tensor[];
}

/** Relative residual above which a ledger is open. */
export const LEDGER_TOLERANCE = 1e-5;

/**
 * Reads the sums and closes every account.
 *
 * @throws NumericsError naming the first step whose output, or whose relevance, is not finite. DisposedError when a tensor
 *   of the explanation has ended by itself.
 */
export async function readLedger(source: LedgerSource, tolerance = LEDGER_TOLERANCE): Promise<Ledger> {
  const { batch } = source.sums;
  // Before any reading begins that would still be on its way.
  checkSums(source.sums);
  // All are begun at once: the explanation may end before the first is there.
  const [outputs, data, started, arrived] = await Promise.all([
    readSums(source.outputs),
    readSums(source.sums),
    sum([source.started]),
    sum(source.arrived),
  ]);
  checkOutputs(outputs, source.watched, batch);
  const cell = (row: number, column: Column, sample: number) =>
    data[(row * COLUMNS.length + COLUMNS.indexOf(column)) * batch + sample] ?? Number.NaN;
  const rows: LedgerRow[] = [];
  for (const [row, label] of source.labels.entries()) {
    const samples = Array.from({ length: batch }, (_, sample) => account((column) => cell(row, column, sample)));
    if (samples.some((sums) => !Number.isFinite(sums.residual))) {
      throw new NumericsError(
        `Relevance is not finite at ${label.address} (${label.layerType}, rule ${label.rule}). ` +
          'Use a larger stabilizer there, such as epsilon(1e-3).',
        label,
      );
    }
    rows.push({ ...label, ...total(samples), samples });
  }
  return ledgerOf(rows, started, arrived, tolerance);
}

/** A sum that is not finite means an element that is not: the first such step is where it began. */
function checkOutputs(sums: ArrayLike<number>, watched: readonly StepLabel[], batch: number): void {
  for (const [index, label] of watched.entries()) {
    for (let sample = 0; sample < batch; sample++) {
      if (Number.isFinite(sums[index * batch + sample])) continue;
      throw new NumericsError(
        `The output of ${label.address} (${label.layerType}, ${label.step}) is not finite in sample ${sample}: NaN or ` +
          'infinity first appears there. Check the input and the weights of that layer.',
        label,
      );
    }
  }
}

function account(read: (column: Column) => number): LedgerSums {
  const received = read('received');
  const passed = read('passed');
  const bias = read('bias');
  const stabilizer = read('stabilizer');
  const padding = read('padding');
  const emptyGroup = read('emptyGroup');
  const stopped = read('stopped');
  const initialState = read('initialState');
  const residual = received - passed - bias - stabilizer - padding - emptyGroup - stopped - initialState;
  const moved = Math.max(read('receivedMagnitude'), read('passedMagnitude'));
  const relativeResidual = moved === 0 ? 0 : Math.abs(residual) / moved;
  return {
    received,
    passed,
    bias,
    stabilizer,
    padding,
    emptyGroup,
    stopped,
    initialState,
    residual,
    relativeResidual,
  };
}

function total(samples: readonly LedgerSums[]): LedgerSums {
  const sum = (key: keyof LedgerSums) => samples.reduce((all, sample) => all + sample[key], 0);
  return {
    received: sum('received'),
    passed: sum('passed'),
    bias: sum('bias'),
    stabilizer: sum('stabilizer'),
    padding: sum('padding'),
    emptyGroup: sum('emptyGroup'),
    stopped: sum('stopped'),
    initialState: sum('initialState'),
    residual: sum('residual'),
    relativeResidual: Math.max(0, ...samples.map((sample) => sample.relativeResidual)),
  };
}

async function sum(tensors: readonly tf.Tensor[]): Promise<number> {
  const read = await Promise.all(tensors.map((tensor) => tensor.data()));
  let all = 0;
  for (const values of read) for (const value of values) all += value;
  return all;
}
