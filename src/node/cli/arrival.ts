import type { Ledger } from '../../index.js';
import { absorbedOf } from '../../render/index.js';
import { format } from './strongest.js';

/** What is smaller than this part of the score is rounding to a reader. */
const WORTH_TELLING = 1e-4;

/** How much of the score the inputs got, and what took the rest: a map of a small rest looks as loud as any other. */
export function describeArrival(ledger: Ledger): string {
  const { started, arrived } = ledger;
  const least = WORTH_TELLING * Math.max(Math.abs(started), Math.abs(arrived));
  const taken = absorbedOf(ledger)
    .filter(({ relevance }) => Math.abs(relevance) > least)
    .map(({ name, relevance }) => `${name} ${format(relevance)}`);
  const rest = taken.length === 0 ? '' : `; the rest: ${taken.join(', ')}`;
  return `Of ${format(started)} the inputs got ${format(arrived)}${rest}`;
}
