import type { BiasMode, BiasPart, Bound, KernelPart, LinearRule, Needs, Share, Signed, Term } from '../rules/rule.js';
import type { LinearStep, Sign } from '../steps/step.js';
import type { Stabilizer } from '../tensors/stabilize.js';
import { sumOf } from './complement.js';
import { isWhole, type ShareSigns, shareSigns } from './share-signs.js';
import type { Silence } from './silence.js';

/** A term after simplification. */
export interface ProgramTerm {
  readonly input: 'all' | 'positive' | 'negative' | 'one' | { readonly above: Bound };
  readonly kernel: KernelPart;
  readonly bias: BiasPart;
  readonly sign: 1 | -1;
}

/** A share after simplification. */
export interface ProgramShare extends ShareSigns {
  readonly weight: number;
  readonly gate: 'z>0' | 'z<0' | null;
  /** Empty when no contribution of this kind can exist: its relevance is then lost to the empty group. */
  readonly terms: readonly ProgramTerm[];
}

/** A linear rule made for one step: what is known of the step has been used to leave work out. */
export interface LinearProgram {
  readonly shares: readonly ProgramShare[];
  readonly stabilizer: Stabilizer;
  readonly bias: BiasMode;
  readonly needs: Needs;
}

/** What is known of a step before any input is seen. */
export interface StepFacts {
  readonly input: Sign;
  /** Where no relevance arrives. */
  readonly silence: Silence;
  /** Whether the captured pre-activation is that of a ReLU's output: zero wherever it is negative. */
  readonly rectified: boolean;
  readonly bias: BiasMode;
}

/**
 * Simplifies a rule for a step: parts by sign of an input that has only one sign, gates that never open or never close
 * on any relevance, and negative parts of coefficients that are never negative disappear.
 */
export function compileLinear(rule: LinearRule, step: LinearStep, facts: StepFacts): LinearProgram {
  const shares = rule.shares
    .filter((share) => !(share.gate === 'z<0' && facts.silence.belowZero))
    .map((share) => compileShare(share, step, facts));
  // Without a bias there is none to ignore.
  const bias = facts.bias === 'ignore' && step.bias === null ? 'absorb' : facts.bias;
  return { shares, stabilizer: rule.stabilizer, bias, needs: needsOf(shares, bias) };
}

/** True when the term's contributions are the pre-activation itself (but for the bias). */
export function isPreActivation(term: ProgramTerm): boolean {
  return term.input === 'all' && isWhole(term.kernel);
}

function compileShare(share: Share, step: LinearStep, facts: StepFacts): ProgramShare {
  const terms = mergeBySign(share.terms.flatMap((term) => compileTerm(term, step, facts)));
  const gate = facts.silence.belowZero ? null : (share.gate ?? null);
  return { weight: share.weight, gate, terms, ...shareSigns(terms, step, facts, gate) };
}

const NOTHING: Signed = { positive: 0, negative: 0 };

function compileTerm(term: Term, step: LinearStep, facts: StepFacts): ProgramTerm[] {
  const bias: BiasPart = step.bias === null || facts.bias === 'ignore' ? 'none' : term.bias;
  const kernel = step.kernel === null ? nonnegativeKernel(term.kernel) : term.kernel;
  // A term without contributions still counts in the denominator if it has a bias.
  if (kernel === null) return bias === 'none' ? [] : [{ input: 'all', kernel: NOTHING, bias, sign: term.sign ?? 1 }];
  const whole: ProgramTerm = { input: term.input, kernel, bias, sign: term.sign ?? 1 };
  if (facts.input === 'any') return [whole];
  if (term.input === 'negative') return bias === 'none' ? [] : [whole];
  return [term.input === 'positive' ? { ...whole, input: 'all' } : whole];
}

/** Coefficients that are never negative have no negative part, and their positive part is all of them. */
function nonnegativeKernel(kernel: KernelPart): KernelPart | null {
  if (typeof kernel === 'string') return kernel;
  if (kernel.positive === 0) return null;
  return { positive: kernel.positive, negative: kernel.positive };
}

/** `x⁺ w + x⁻ w = x w`: two halves of the input with the same kernel are one term. */
function mergeBySign(terms: readonly ProgramTerm[]): readonly ProgramTerm[] {
  const [first, second] = terms;
  if (terms.length !== 2 || !first || !second) return terms;
  const halves = first.input === 'positive' && second.input === 'negative' && first.sign === second.sign;
  if (!halves || second.bias !== 'none' || !sameKernel(first.kernel, second.kernel)) return terms;
  return [{ ...first, input: 'all' }];
}

function sameKernel(a: KernelPart, b: KernelPart): boolean {
  if (typeof a === 'string' || typeof b === 'string') return a === b;
  return a.positive === b.positive && a.negative === b.negative;
}

/** The captured pre-activation is a sum that need not be taken again, or gives the second of two. */
function needsOf(shares: readonly ProgramShare[], bias: BiasMode): Needs {
  const terms = shares.flatMap((share) => share.terms);
  return {
    inputs: terms.some((term) => term.input !== 'one'),
    output:
      shares.some((share) => share.gate !== null || share.products !== null) ||
      terms.some((term) => isPreActivation(term)) ||
      shares.some((share, index) =>
        shares.slice(0, index).some((earlier) => sumOf(earlier, share, bias === 'ignore') !== null),
      ),
  };
}
