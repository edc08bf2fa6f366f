import type { BiasPart, KernelPart, Signed } from '../rules/rule.js';
import { isPreActivation, type LinearProgram, type ProgramShare, type ProgramTerm } from './program.js';

/**
 * Multiply-adds below which every sum gets a pass of its own: formulas that save one lose digits where sums cancel, and on
 * a small layer the pass costs nothing.
 */
const CHEAP_PASS = 2_000_000;

/** How the denominator of a share is found. */
export type Way =
  /** A pass for each term that is not known already. */
  | { readonly how: 'terms' }
  /** From the pre-activation and one pass over magnitudes. */
  | { readonly how: 'magnitudes'; readonly products: Signed }
  /** The pre-activation less the denominator of an earlier share. */
  | { readonly how: 'complement'; readonly of: number };

/** How the denominators of a program are found on a layer of so many multiply-adds. */
export function waysOf({ shares }: LinearProgram, multiplyAdds: number): Way[] {
  if (multiplyAdds <= CHEAP_PASS) return shares.map(() => ({ how: 'terms' }));
  return shares.map((share, index): Way => {
    const of = shares.slice(0, index).findIndex((earlier) => isComplement(earlier, share));
    if (of >= 0) return { how: 'complement', of };
    return share.products ? { how: 'magnitudes', products: share.products } : { how: 'terms' };
  });
}

/** Passes over the kernel that a program needs besides the forward pass itself. */
export interface Passes {
  /** For denominators. */
  readonly forward: number;
  /** From outputs to inputs. */
  readonly adjoint: number;
}

/** Counts the passes of a program; sums over connections, which need no kernel, are none. */
export function passesOf(program: LinearProgram, multiplyAdds: number): Passes {
  const live = { ...program, shares: program.shares.filter(({ terms }) => terms.length > 0) };
  const ways = waysOf(live, multiplyAdds);
  const forward = live.shares.reduce((total, share, index) => total + forwardPasses(share, ways[index]), 0);
  const terms = live.shares.flatMap((share) => share.terms);
  return { forward, adjoint: terms.filter(({ kernel }) => kernel !== 'ones').length };
}

function forwardPasses({ terms }: ProgramShare, way: Way | undefined): number {
  if (way?.how === 'complement') return 0;
  if (way?.how === 'magnitudes') return 1;
  return terms.filter((term) => term.kernel !== 'ones' && !isPreActivation(term)).length;
}

/** True when the contributions of two shares, biases left aside, add up to the pre-activation. */
function isComplement(a: ProgramShare, b: ProgramShare): boolean {
  const [first, ...others] = a.terms;
  const [second, ...further] = b.terms;
  if (!first || !second || others.length > 0 || further.length > 0) return false;
  if (![first, second].every(({ input, sign }) => input === 'all' && sign === 1)) return false;
  return addUp(first.kernel, second.kernel) && biasOfBoth(first, second) !== null;
}

function addUp(a: KernelPart, b: KernelPart): boolean {
  if (typeof a === 'string' || typeof b === 'string') return false;
  return a.positive + b.positive === 1 && a.negative + b.negative === 1;
}

/** The bias in two terms together; null where that is no part by sign. */
export function biasOfBoth(
  { bias: a }: Pick<ProgramTerm, 'bias'>,
  { bias: b }: Pick<ProgramTerm, 'bias'>,
): BiasPart | null {
  if (a === 'squared' || b === 'squared') return null;
  if (a === 'none') return b;
  return b === 'none' ? a : { positive: a.positive + b.positive, negative: a.negative + b.negative };
}
