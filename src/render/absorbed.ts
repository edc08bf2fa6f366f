import type { Ledger, LedgerRow, LedgerSums } from '../index.js';
import type { Feature } from './charts/features.js';
import { formatNumber } from './number.js';

/** Columns of the ledger that hold relevance which no input got, and what they are called in pictures. */
const COLUMNS = [
  ['bias', 'biases'],
  ['stabilizer', 'stabilizers'],
  ['padding', 'padding'],
  ['emptyGroup', 'empty groups'],
  ['stopped', 'stopped'],
  ['initialState', 'initial states'],
  ['residual', 'rounding'],
] as const;

/**
 * What was absorbed on the way from the score to the inputs, for one sample or all together, by the columns of the ledger;
 * columns that are zero are left out. `started = arrived + the sum of these`.
 */
export function absorbedOf({ rows }: Ledger, sample?: number): Feature[] {
  return absorbedBy(ownRows(rows), sample);
}

/** What is smaller than this part of the score is rounding to a reader: all columns together hide less than a chart shows. */
const WORTH_TELLING = 1e-5;

/** As {@link absorbedOf} for all samples together, without what is too small to be worth a reader's time. */
export function mostlyAbsorbed(ledger: Ledger): Feature[] {
  const least = WORTH_TELLING * Math.max(Math.abs(ledger.started), Math.abs(ledger.arrived));
  return absorbedOf(ledger).filter(({ relevance }) => Math.abs(relevance) > least);
}

/**
 * How much of the score the inputs got, and what took the rest, in words: `Of 5.47 the inputs got 4.68; the rest: biases
 * 0.79`. A map of a small rest looks as loud as any other.
 *
 * @param write How numbers are written. Default as in pictures.
 */
export function describeArrival(ledger: Ledger, write: (value: number) => string = formatNumber): string {
  const { started, arrived } = ledger;
  const taken = mostlyAbsorbed(ledger).map(({ name, relevance }) => `${name} ${write(relevance)}`);
  const rest = taken.length === 0 ? '' : `; the rest: ${taken.join(', ')}`;
  return `Of ${write(started)} the inputs got ${write(arrived)}${rest}`;
}

/** The columns of some rows, added up; those that are zero are left out. */
export function absorbedBy(rows: readonly LedgerRow[], sample?: number): Feature[] {
  return COLUMNS.flatMap(([column, name]) => {
    const relevance = rows.reduce((sum, row) => sum + (sumsOf(row, sample)?.[column] ?? 0), 0);
    return relevance === 0 ? [] : [{ name, relevance }];
  });
}

function sumsOf(row: LedgerRow, sample: number | undefined): LedgerSums | undefined {
  return sample === undefined ? row : row.samples[sample];
}

/**
 * Rows that stand for themselves. The account of a step that is repeated over time includes those of the steps inside it,
 * which follow it as rows of their own and would be counted twice.
 */
export function ownRows(rows: readonly LedgerRow[]): LedgerRow[] {
  let inside: string | null = null;
  return rows.filter((row) => {
    if (inside !== null && row.address.startsWith(inside)) return false;
    inside = row.rule === 'steps' ? row.address.replace(/[^.:]*$/, '') : null;
    return true;
  });
}
