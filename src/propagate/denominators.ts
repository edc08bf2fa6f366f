import * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import { biasOfBoth } from '../plan/complement.js';
import { waysOf } from '../plan/passes.js';
import type { LinearProgram, ProgramShare, ProgramTerm } from '../plan/program.js';
import { isPreActivation } from '../plan/program.js';
import type { BiasPart, Signed } from '../rules/rule.js';
import * as ops from '../tensors/ops.js';
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

/** What a share is divided by. */
export interface Denominator {
  /** `times (Σ_i n_ij + b_j + added)`. */
  readonly z: tf.Tensor;
  /** The stabilizer, where it is in there already; else 0. */
  readonly added: number;
  readonly times: number;
}

/** Denominators of all shares of a program: stabilized already where that costs nothing. */
export function denominatorsOf(
  program: LinearProgram,
  captured: Captured,
  view: LinearView,
  multiplyAdds: number,
): Denominator[] {
  const [only, ...others] = program.shares;
  const added = only && others.length === 0 && view.shiftsFreely ? shiftOf(only, program) : 0;
  const ways = waysOf(program, multiplyAdds);
  // Nobody but the adjoint sees that the only denominator is a multiple.
  const times = added !== 0 && ways[0]?.how === 'magnitudes' ? 1 / meanOf(ways[0].products) : 1;
  const done: tf.Tensor[] = [];
  for (const [index, share] of program.shares.entries()) {
    const way = ways[index];
    if (way?.how === 'complement') {
      done.push(subtract(captured, at(done, way.of), at(program.shares, way.of), share, way.factor, view));
    } else if (way?.how === 'magnitudes') {
      done.push(fromMagnitudes(way.products, share, captured, view, added, times));
    } else {
      done.push(sumTerms(share, captured, view, added));
    }
  }
  return done.map((z) => ({ z, added, times }));
}

/**
 * The stabilizer as a number that may be added along with the bias: its sign is known, and nobody asks for the bare sum to
 * subtract it. 0 where that is not so.
 */
function shiftOf({ sign, terms, products }: ProgramShare, { stabilizer }: LinearProgram): number {
  const signed = sign === 'nonnegative' || sign === 'nonpositive';
  if (stabilizer.mode !== 'add' || !signed) return 0;
  const passes = terms.every((term) => typeof term.kernel === 'object' && !isPreActivation(term));
  if (!passes || (terms.length > 1 && products === null)) return 0;
  return sign === 'nonpositive' ? -stabilizer.epsilon : stabilizer.epsilon;
}

/**
 * `p z⁺ + n z⁻ = (p + n)/2 Σ x w + (p - n)/2 Σ |x| |w|`, z⁺ and z⁻ being the sums of the positive and the negative products:
 * one pass instead of two, since the first sum is the captured pre-activation. Only where relevance is at positive
 * pre-activations alone: z⁺ is then the larger half of `Σ |x| |w|`, and keeps its digits. The sum comes back `times` as large.
 */
function fromMagnitudes(
  { positive, negative }: Signed,
  { terms, sign }: ProgramShare,
  captured: Captured,
  view: LinearView,
  added: number,
  times: number,
): tf.Tensor {
  const { z, xs } = captured;
  if (!z) throw new InternalError('a sum from magnitudes needs the pre-activation');
  const [mean, half] = [times * meanOf({ positive, negative }), (times * (positive - negative)) / 2];
  const shift = times * added;
  // The pre-activation brings its share of the bias along.
  const bias = terms.reduce((sum, term) => addParts(sum, term.bias, times), { positive: -mean, negative: -mean });
  return tf.tidy(() => {
    const magnitudes = view.forward(
      xs.map((x) => ops.abs(x)),
      { positive: half, negative: -half },
      bias,
      shift,
    );
    const sum = ops.add(mean === 1 ? z : ops.mul(z, mean), magnitudes);
    if (sign !== 'nonnegative') return sum;
    // Rounding may end below zero where no relevance is; a denominator there must not become zero.
    return shift > 0 ? ops.clipByValue(sum, shift, LARGEST) : ops.relu(sum);
  });
}

/** The largest float32: shaders need not honour infinity. */
const LARGEST = 3.4028234663852886e38;

function meanOf({ positive, negative }: Signed): number {
  return (positive + negative) / 2;
}

function addParts(a: Signed, b: BiasPart, times: number): Signed {
  if (typeof b === 'string') return a;
  return { positive: a.positive + times * b.positive, negative: a.negative + times * b.negative };
}

function sumTerms(share: ProgramShare, captured: Captured, view: LinearView, shift: number): tf.Tensor {
  const [only, ...others] = share.terms;
  // A pass over the inputs as they are leaves nothing behind that would have to go.
  if (only?.sign === 1 && only.input === 'all' && others.length === 0 && !isPreActivation(only)) {
    return termForward(only, captured, view, shift);
  }
  return tf.tidy(() => {
    const parts = share.terms.map((term, index) => {
      const part = termForward(term, captured, view, index === 0 ? shift * (term.sign ?? 1) : 0);
      return term.sign === -1 ? ops.neg(part) : part;
    });
    const [first, ...rest] = parts;
    if (!first) throw new InternalError('a share without terms has no denominator');
    return rest.reduce((sum, part) => ops.add(sum, part), first);
  });
}

function termForward(term: ProgramTerm, captured: Captured, view: LinearView, shift: number): tf.Tensor {
  const { xs, z, shapes } = captured;
  if (z && isPreActivation(term)) return withBias(captured, term.bias, view);
  if (term.kernel === 'ones') return view.connections();
  // Ones are the same for every sample: one sample of them broadcasts to the batch.
  const inputs =
    term.input === 'one'
      ? shapes.map((shape) => tf.ones([1, ...shape.slice(1)]))
      : xs.map((x) => inputPart(x, term.input));
  return view.forward(inputs, term.kernel, term.bias, shift);
}

/** The captured pre-activation, `times` as much, with another part of the bias instead of the layer's own. */
function withBias({ z }: Captured, bias: BiasPart, view: LinearView, times = 1): tf.Tensor {
  if (!z) throw new InternalError('the pre-activation was not captured');
  const scaled = (x: tf.Tensor) => (times === 1 ? x : ops.mul(x, times));
  if (typeof bias === 'object' && bias.positive === times && bias.negative === times) return scaled(z);
  const own = view.bias({ positive: 1, negative: 1 });
  const bare = scaled(own ? ops.sub(z, own) : z);
  const wanted = view.bias(bias);
  return wanted ? ops.add(bare, wanted) : bare;
}

/** The input as a term sees it. Shape of `x`. */
export function inputPart(x: tf.Tensor, part: ProgramTerm['input']): tf.Tensor {
  if (typeof part === 'object') return tf.tidy(() => ops.sub(x, boundLike(part.above, x)));
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

/** `factor z - z_other`, rounded to the side all its contributions are on, if they are on one. */
function subtract(
  captured: Captured,
  other: tf.Tensor,
  known: ProgramShare,
  share: ProgramShare,
  factor: number,
  view: LinearView,
): tf.Tensor {
  const both = biasOfBoth(known, share) ?? 'none';
  return tf.tidy(() => {
    const z = withBias(captured, both, view, factor);
    const sum = ops.sub(z, other);
    if (share.sign === 'nonpositive') return ops.clipByValue(sum, -LARGEST, 0);
    return share.sign === 'nonnegative' ? ops.relu(sum) : sum;
  });
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new InternalError(`no share ${index} of ${list.length}`);
  return value;
}
