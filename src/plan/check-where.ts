import type { Where } from '../composites/composite.js';
import { unknownKeys } from '../names.js';

// A record, so that the compiler asks for a key that is added to the type.
const CONDITIONS: Readonly<Record<keyof Where, true>> = {
  name: true,
  className: true,
  role: true,
  position: true,
  range: true,
  firstN: true,
  weighted: true,
  repeated: true,
  beforeRelu: true,
  softmaxOperand: true,
};

/** What is wrong with conditions that no compiler has checked; null for nothing. One passed over would match too much. */
export function whereProblem(where: Where): string | null {
  const { position, range, firstN } = where;
  if (position !== undefined && position !== 'first' && position !== 'last') {
    return `position should be "first" or "last", received ${JSON.stringify(position)}.`;
  }
  if (range !== undefined && !isRange(range)) {
    return `range should be two counts from 0 on, the smaller first; received ${JSON.stringify(range)}.`;
  }
  if (firstN !== undefined && !(isCount(firstN) && firstN > 0)) {
    return `firstN should be a whole number from 1 on, received ${String(firstN)}.`;
  }
  return unknownKeys('A match has', where, Object.keys(CONDITIONS));
}

function isRange(range: unknown): boolean {
  return Array.isArray(range) && range.length === 2 && range.every(isCount) && range[0] <= range[1];
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}
