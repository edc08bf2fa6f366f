import { MatchError } from '../errors.js';
import { unknownKeys } from '../names.js';
import type { PropagateOptions } from '../propagate/run.js';
import type { Drive } from './drive.js';

// Records, so that the compiler asks for a key that is added to the types.
const RUN: Readonly<Record<keyof PropagateOptions, true>> = {
  target: true,
  start: true,
  keep: true,
  ledger: true,
  memoryBudget: true,
};
const DRIVE: Readonly<Record<keyof Drive, true>> = { onProgress: true, signal: true, timeBudget: true };

/** Ways to explain, by the names of the functions. */
type Way = 'explain' | 'explainAsync' | 'explainTargets' | 'explainTargetsAsync';

function optionsOf(way: Way): string[] {
  const run = Object.keys(RUN).filter((key) => key !== 'target' || !way.includes('Targets'));
  const drive = way.endsWith('Async') ? Object.keys(DRIVE) : [];
  return [...run, ...drive, ...(way === 'explainAsync' ? ['check'] : [])];
}

/** @throws MatchError for an option that nobody would read, such as a misspelt one. */
export function checkOptions(way: Way, options: object): void {
  const problem = unknownKeys(`${way} takes`, options, optionsOf(way));
  if (problem !== null) throw new MatchError(problem);
}
