import * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import type { LinearProgram, ProgramShare, ProgramTerm } from '../plan/program.js';
import { isPreActivation, isWhole } from '../plan/program.js';
import { negativePart, positivePart } from '../tensors/parts.js';
import type { Shape } from '../tensors/shape.js';
import { boundLike } from './bounds.js';
import type { LinearView } from './linear-view.js';

/** What the forward pass captured for a linear step. */
export interface Captured {
  /** Inputs; empty where the program does not need them. */
  readonly xs: readonly tf.Tensor[];
  readonly shapes: readonly Shape[];
  /** Pre-activation, bias included; null where the program does not need it. */
  readonly z: tf.Tensor | null;
}

/**
 * Multiply-adds below which the second of two complementary denominators is computed by a pass of its own instead of by
 * subtraction: `z⁻ = z - z⁺` loses digits where `z⁺` is much the larger, and on a small layer the pass costs nothing.
 */
const CHEAP_PASS = 2_000_000;

/** Denominators of all shares of a program, before stabilizing: `Σ_i n_ij + b_j`. */
export function denominatorsOf(
  program: LinearProgram,
  captured: Captured,
  view: LinearView,
  multiplyAdds: number,
): tf.Tensor[] {
  const done: { readonly share: ProgramShare; readonly z: tf.Tensor }[] = [];
  for (const share of program.shares) {
    const other = multiplyAdds > CHEAP_PASS ? done.find((known) => isComplement(known.share, share)) : undefined;
    const z = other ? subtract(captured, other.z, share) : sumTerms(share, captured, view);
    done.push({ share, z });
  }
  return done.map(({ z }) => z);
}

function sumTerms(share: ProgramShare, captured: Captured, view: LinearView): tf.Tensor {
  return tf.tidy(() => {
    const parts = share.terms.map((term) => {
      const part = termForward(term, captured, view);
      return term.sign === -1 ? tf.neg(part) : part;
    });
    const [first, ...rest] = parts;
    if (!first) throw new InternalError('a share without terms has no denominator');
    return rest.reduce((sum, part) => tf.add(sum, part), first);
  });
}

function termForward(term: ProgramTerm, { xs, z, shapes }: Captured, view: LinearView): tf.Tensor {
  if (z && isPreActivation(term)) return withBias(z, term, view);
  if (term.kernel === 'ones') return view.connections();
  // Ones are the same for every sample: one sample of them broadcasts to the batch.
  const inputs =
    term.input === 'one'
      ? shapes.map((shape) => tf.ones([1, ...shape.slice(1)]))
      : xs.map((x) => inputPart(x, term.input));
  return view.forward(inputs, term.kernel, term.bias);
}

/** The captured pre-activation with the term's bias instead of the layer's own. */
function withBias(z: tf.Tensor, term: ProgramTerm, view: LinearView): tf.Tensor {
  if (isWhole(term.bias)) return z;
  const own = view.bias({ positive: 1, negative: 1 });
  const bare = own ? tf.sub(z, own) : z;
  const wanted = view.bias(term.bias);
  return wanted ? tf.add(bare, wanted) : bare;
}

/** The input as a term sees it. Shape of `x`. */
export function inputPart(x: tf.Tensor, part: ProgramTerm['input']): tf.Tensor {
  if (typeof part === 'object') return tf.tidy(() => tf.sub(x, boundLike(part.above, x)));
  switch (part) {
    case 'all':
      return x;
    case 'positive':
      return positivePart(x);
    case 'negative':
      return negativePart(x);
    case 'one':
      return tf.onesLike(x);
  }
}

/** True when the contributions of two shares, biases included, add up to the pre-activation. */
function isComplement(a: ProgramShare, b: ProgramShare): boolean {
  const [first, ...others] = a.terms;
  const [second, ...further] = b.terms;
  if (!first || !second || others.length > 0 || further.length > 0) return false;
  if (first.input !== 'all' || second.input !== 'all') return false;
  return addUp(first.kernel, second.kernel) && addUp(first.bias, second.bias);
}

function addUp(a: ProgramTerm['bias'] | 'ones', b: ProgramTerm['bias'] | 'ones'): boolean {
  if (typeof a === 'string' || typeof b === 'string') return false;
  return a.positive + b.positive === 1 && a.negative + b.negative === 1;
}

/** `z - z_other`, rounded to the side its contributions are on. */
function subtract({ z }: Captured, other: tf.Tensor, share: ProgramShare): tf.Tensor {
  if (!z) throw new InternalError('a complement needs the pre-activation');
  const negative = share.terms.every((term) => typeof term.kernel === 'object' && term.kernel.positive === 0);
  return tf.tidy(() => (negative ? tf.neg(tf.relu(tf.sub(other, z))) : tf.relu(tf.sub(z, other))));
}
