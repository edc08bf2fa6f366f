import type { Ledger, LedgerRow, LedgerSums } from '../index.js';
import type { Feature } from './charts/features.js';

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
