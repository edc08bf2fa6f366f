import { textTable } from '../text-table.js';

/** The account of one step, summed over the samples of the batch (`samples` has them one by one). */
export interface LedgerRow extends LedgerSums {
  /** Address of the step. */
  readonly address: string;
  /** Class of the layer. */
  readonly layerType: string;
  /** Name of the step. */
  readonly step: string;
  /** The rule with its parameters. */
  readonly rule: string;
  /** The account of each sample. */
  readonly samples: readonly LedgerSums[];
}

/** What became of the relevance a step received. `received = passed + bias + ... + residual`, each computed, not inferred. */
export interface LedgerSums {
  /** What arrived at the step's output. */
  readonly received: number;
  /** What its inputs got. */
  readonly passed: number;
  /** The share of biases. */
  readonly bias: number;
  /** The share of what keeps denominators from zero. */
  readonly stabilizer: number;
  /** On padding or masked positions. */
  readonly padding: number;
  /** On outputs without any contribution of the kind the rule asks for. */
  readonly emptyGroup: number;
  /** Stopped on purpose, or cut by a derivative. */
  readonly stopped: number;
  /** On the initial states of a recurrent layer, where the model does not take them as inputs. */
  readonly initialState: number;
  /** What no column explains: rounding, or a bug. */
  readonly residual: number;
  /** Largest |residual| of a sample relative to the absolute relevance that moved there. */
  readonly relativeResidual: number;
}

/** The account of a whole explanation. */
export interface Ledger {
  /** `closed` when every relative residual is below `tolerance`. */
  readonly verdict: 'closed' | 'open';
  /** Largest relative residual that counts as rounding. */
  readonly tolerance: number;
  /** Steps in the order relevance visits them. */
  readonly rows: readonly LedgerRow[];
  /** The row with the largest relative residual; null for a model without steps. */
  readonly worst: LedgerRow | null;
  /** Relevance that was started with, summed over the batch. */
  readonly started: number;
  /** Relevance that reached the model's inputs, summed over the batch. */
  readonly arrived: number;
  /** The table, with the verdict below it. */
  toString(): string;
}

const HEAD = [
  'step',
  'rule',
  'received',
  'passed on',
  'bias',
  'stabilizer',
  'padding',
  'empty',
  'stopped',
  'initial',
  'residual',
  'relative',
];
/** Columns of numbers: all but the first two. */
const NUMBERS = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11];

/** A ledger from its rows. */
export function ledgerOf(rows: readonly LedgerRow[], started: number, arrived: number, tolerance: number): Ledger {
  const worst = rows.reduce<LedgerRow | null>(
    (known, row) => (known && known.relativeResidual >= row.relativeResidual ? known : row),
    null,
  );
  const verdict = rows.every((row) => row.relativeResidual < tolerance) ? 'closed' : 'open';
  const ledger = { verdict, tolerance, rows, worst, started, arrived } as const;
  return { ...ledger, toString: () => formatLedger(ledger) };
}

function formatLedger(ledger: Omit<Ledger, 'toString'>): string {
  const body = ledger.rows.map((row) => [
    row.address,
    row.rule,
    ...[
      row.received,
      row.passed,
      row.bias,
      row.stabilizer,
      row.padding,
      row.emptyGroup,
      row.stopped,
      row.initialState,
      row.residual,
    ].map(number),
    row.relativeResidual.toExponential(1),
  ]);
  return `${textTable([HEAD, ...body], NUMBERS)}\n${verdictLine(ledger)}`;
}

function verdictLine({ verdict, tolerance, worst, started, arrived }: Omit<Ledger, 'toString'>): string {
  const flow = `Started with ${number(started)}, ${number(arrived)} reached the inputs.`;
  if (!worst) return flow;
  const size = `largest relative residual ${worst.relativeResidual.toExponential(1)} at ${worst.address} (${worst.rule})`;
  return verdict === 'closed'
    ? `Closed: ${size}, tolerance ${tolerance}. ${flow}`
    : `OPEN: ${size} exceeds the tolerance ${tolerance}: that step gains or loses relevance unaccounted for. ${flow}`;
}

function number(value: number): string {
  if (value === 0) return '0';
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e6 ? value.toPrecision(5) : value.toExponential(2);
}
