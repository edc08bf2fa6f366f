import { textTable } from '../src/text-table.js';
import type { Row } from './row.js';
import { median } from './time.js';

/** A row that costs more than this many times what it did is a regression. */
export const LIMIT = 1.1;

/** The same row of two revisions. */
export interface Comparison {
  /** Network and rules. */
  readonly row: string;
  /** Median of `ratioCpu` over the turns, of the first revision. */
  readonly before: number;
  /** The same of the second revision. */
  readonly after: number;
  /** Median over turns of the second in units of the first. */
  readonly ratio: number;
}

type Measured = Pick<Row, 'network' | 'rules' | 'ratioCpu'>;

/** What one turn has measured of both revisions. */
export interface Turn {
  readonly before: readonly Measured[];
  readonly after: readonly Measured[];
}

/**
 * Compares two revisions row by row.
 *
 * @throws Error when there is nothing to compare, or a row is not there in every turn.
 */
export function compared(turns: readonly Turn[]): Comparison[] {
  const rows = (turns[0]?.before ?? []).map(keyOf);
  if (rows.length === 0) throw new Error('There are no rows to compare. Does --only match "network rules" of any?');
  return rows.map((row) => {
    const pairs = turns.map(({ before, after }) => ({ before: costOf(before, row), after: costOf(after, row) }));
    return {
      row,
      before: median(pairs.map((pair) => pair.before)),
      after: median(pairs.map((pair) => pair.after)),
      ratio: median(pairs.map((pair) => pair.after / pair.before)),
    };
  });
}

/** The comparisons as text; what is over the limit is marked. */
export function tableOfComparison(comparisons: readonly Comparison[]): string {
  const body = comparisons.map(({ row, before, after, ratio }) => [
    row,
    before.toFixed(2),
    after.toFixed(2),
    ratio.toFixed(3),
    ratio > LIMIT ? 'above' : '',
  ]);
  return textTable([['row', 'A', 'B', 'B / A', `limit ${LIMIT}`], ...body], [1, 2, 3]);
}

function keyOf({ network, rules }: Measured): string {
  return `${network} ${rules}`;
}

function costOf(rows: readonly Measured[], key: string): number {
  const found = rows.find((row) => keyOf(row) === key);
  if (found) return found.ratioCpu;
  throw new Error(`One of the revisions has not measured "${key}", the other has.`);
}
