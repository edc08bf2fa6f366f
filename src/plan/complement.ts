import type { BiasPart, Signed } from '../rules/rule.js';
import type { ProgramShare } from './program.js';
import { isWhole } from './share-signs.js';

/**
 * How many times the pre-activation the contributions of two shares, biases left aside, add up to; null where that is no
 * number, or where their difference would lose digits.
 *
 * @param ignoresBias Whether the pre-activation has a bias that the shares do not have.
 */
export function sumOf(a: ProgramShare, b: ProgramShare, ignoresBias: boolean): number | null {
  const [first, second] = [countsOf(a), countsOf(b)];
  const bias = biasOfBoth(a, b);
  if (!first || !second || !bias) return null;
  const sum = first.positive + second.positive;
  if (first.negative + second.negative !== sum) return null;
  // Where one side is empty, nothing may be left of the difference: the bias must not have been taken off before.
  const isExact = bias === 'none' ? !ignoresBias : isWhole(bias);
  return (sum === 1 && isExact) || isMirrored(a, first, b, second) ? sum : null;
}

/** How often positive and negative coefficients, or products where those are known, count in all terms of a share. */
function countsOf({ terms, products }: ProgramShare): Signed | null {
  if (products) return products;
  const [only, ...others] = terms;
  if (!only || others.length > 0 || only.input !== 'all' || only.sign !== 1) return null;
  return typeof only.kernel === 'string' ? null : only.kernel;
}

/**
 * True for one rule seen from either sign of the pre-activation, as of γ: what counts more has the sign that is asked for. At
 * that sign it is the larger part of the whole, so that the difference is a sum of two numbers of that sign.
 */
function isMirrored(a: ProgramShare, first: Signed, b: ProgramShare, second: Signed): boolean {
  if (first.positive !== second.negative || a.gate === null || b.gate === null || a.gate === b.gate) return false;
  const [more, less] = b.gate === 'z>0' ? [second.positive, second.negative] : [second.negative, second.positive];
  return more >= less && less >= 0;
}

/** The bias in all terms of two shares together; null where that is no part by sign. */
export function biasOfBoth(a: ProgramShare, b: ProgramShare): BiasPart | null {
  let both: BiasPart = 'none';
  for (const { bias } of [...a.terms, ...b.terms]) {
    if (bias === 'squared') return null;
    if (bias !== 'none') both = both === 'none' ? bias : plus(both, bias);
  }
  return both;
}

function plus(a: Signed, b: Signed): Signed {
  return { positive: a.positive + b.positive, negative: a.negative + b.negative };
}
