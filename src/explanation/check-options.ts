import { MatchError } from '../errors.js';
import { unknownKeys } from '../names.js';
import type { PropagateOptions } from '../propagate/run.js';
import type { Drive } from './drive.js';

// Records, so that the compiler misses a key that is added to the types.
const RUN: Readonly<Record<keyof PropagateOptions, true>> = {
  target: true,
  start: true,
  keep: true,
  ledger: true,
  memoryBudget: true,
};
const DRIVE: Readonly<Record<keyof Drive, true>> = { onProgress: true, signal: true, timeBudget: true };

/** The options that each way to explain takes. */
const OPTIONS = {
  explain: Object.keys(RUN),
  explainAsync: [...Object.keys(RUN), ...Object.keys(DRIVE), 'check'],
  explainTargets: Object.keys(RUN).filter((key) => key !== 'target'),
  explainTargetsAsync: [...Object.keys(RUN).filter((key) => key !== 'target'), ...Object.keys(DRIVE)],
} as const;

/** @throws MatchError for an option that nobody would read, such as a misspelt one. */
export function checkOptions(way: keyof typeof OPTIONS, options: object): void {
  const problem = unknownKeys(`${way} takes`, options, OPTIONS[way]);
  if (problem !== null) throw new MatchError(problem);
}
