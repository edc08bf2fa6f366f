import type { Signed } from '../rules/rule.js';
import { sumOf } from './complement.js';
import { isPreActivation, type LinearProgram, type ProgramShare } from './program.js';

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
  /** So many times the pre-activation, less the denominator of an earlier share. */
  | { readonly how: 'complement'; readonly of: number; readonly factor: number };

/** How the denominators of a program are found on a layer of so many multiply-adds. */
export function waysOf({ shares, bias }: LinearProgram, multiplyAdds: number): Way[] {
  if (multiplyAdds <= CHEAP_PASS) return shares.map(() => ({ how: 'terms' }));
  return shares.map((share, index): Way => {
    for (const [of, earlier] of shares.slice(0, index).entries()) {
      const factor = sumOf(earlier, share, bias === 'ignore');
      if (factor !== null) return { how: 'complement', of, factor };
    }
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
