import * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import { sumPerSample } from '../kernels/sums.js';
import type { LinearProgram, ProgramShare, ProgramTerm } from '../plan/program.js';
import type { KernelPart } from '../rules/rule.js';
import type { LinearStep } from '../steps/step.js';
import type { DerivedTensors } from '../tensors/derived.js';
import * as ops from '../tensors/ops.js';
import { type Shape, sizeOf } from '../tensors/shape.js';
import { isOnly, isZero, type Quotient, quotient } from '../tensors/stabilize.js';
import { type Captured, type Denominator, denominatorsOf, inputPart } from './denominators.js';
import type { Account, Booked } from './ledger-book.js';
import { type LinearView, viewOf } from './linear-view.js';
import type { Weighed } from './partial-sums.js';

/** What the linear propagation is given. Tensors are the caller's and only read. */
export interface LinearFlow extends Captured {
  readonly step: LinearStep;
  readonly program: LinearProgram;
  readonly rOut: tf.Tensor;
  readonly derived: DerivedTensors;
  readonly account: Account;
  /** Looks denominators up before they are made; null where nobody shares them. */
  readonly denominators: ((make: () => Denominator[]) => readonly Denominator[]) | null;
}

/** One share on its way: relevance per unit of denominator, of which its inputs earn `times` as much. */
interface Running {
  readonly share: ProgramShare;
  readonly s: tf.Tensor;
  readonly times: number;
}

/**
 * The generic propagation of all linear rules. For each share `s_j = weight · R_j / stab(z_j)`, and each input earns
 * `R_i = Σ_terms ± part(x)_i Σ_j part(w)_ij s_j`. Terms that read the same part of the input are summed before they are
 * multiplied by it. The weight goes with the kernel, which takes no pass, where that is one of weights.
 */
export function propagateLinear(flow: LinearFlow): (tf.Tensor | null)[] {
  const view = viewOf(flow.step, flow.shapes, flow.derived);
  const live = flow.program.shares.filter((share) => share.terms.length > 0);
  const program = { ...flow.program, shares: live };
  return tf.tidy(() => {
    const leftover: tf.Tensor[] = [];
    bookEmptyShares(flow, leftover);
    const cost = multiplyAddsOf(flow);
    const make = () => denominatorsOf(program, flow, view, cost);
    const denominators = flow.denominators ? flow.denominators(make) : make();
    const running = live.map((share, index): Running => {
      const denominator = denominators[index];
      if (!denominator) throw new InternalError(`no denominator for share ${index}`);
      return shareOut(flow, view, share, denominator, leftover);
    });
    const groups = groupAdjoints(view, running);
    const earned = flow.shapes.map((shape, input) => earn(groups, flow, input, shape));
    return leftover.length > 0 ? distribute(earned, leftover, flow, view) : earned;
  });
}

/** Multiply-adds of one sample: how sums are found must not depend on how many samples there are. */
function multiplyAddsOf({ step, shapes }: LinearFlow): number {
  if (!step.kernel) return 0;
  const one = shapes.map((shape) => [1, ...shape.slice(1)]);
  return step.map.multiplyAdds(one, step.kernel.shape);
}

/** A share on its way, and what is left to be distributed; books what bias, stabilizer and empty outputs keep. */
function shareOut(
  flow: LinearFlow,
  view: LinearView,
  share: ProgramShare,
  denominator: Denominator,
  leftover: tf.Tensor[],
): Running {
  const carried = isCarried(share, flow.step) ? share.weight : 1;
  const times = carried * denominator.times;
  // What each share makes on its way goes before the next one begins: it is several times the result.
  const [s, ...left] = tf.tidy(() => quotientOf(flow, view, share, denominator, carried));
  leftover.push(...left);
  return { share, s, times };
}

/** @param carried How much of the weight of the share comes with the adjoint. */
function quotientOf(
  flow: LinearFlow,
  view: LinearView,
  share: ProgramShare,
  own: Denominator,
  carried: number,
): [s: tf.Tensor, ...left: tf.Tensor[]] {
  const { program, account } = flow;
  const { stabilizer } = program;
  const { z } = own;
  const times = carried * own.times;
  const received = weighted(share, carried === share.weight ? 1 : share.weight, flow);
  const { s, added, denominator } = dividedBy(own, received, program, share);
  const biases = share.terms.flatMap((term) => biasOf(term, view));
  if (isDistributed(program)) {
    // A stabilizer would hand this on evenly; without one it is lost.
    if (stabilizer.mode === 'none') account.weigh(whereEmpty(received, z), [{ loss: 'emptyGroup', times: carried }]);
    const units = times === 1 ? s : ops.mul(s, times);
    return [s, biases.reduce((sum, bias) => ops.add(sum, ops.mul(bias, units)), ops.mul(added, units))];
  }
  bookKept(flow.account, s, biases, added, times);
  // Where nothing contributes, the stabilizer is all of the denominator: that share is an empty group's.
  if (share.mayBeEmpty) {
    const fromStabilizer: Booked[] = stabilizer.mode === 'none' ? [] : [{ loss: 'stabilizer', times: -carried }];
    // Where it has one sign everywhere, what it made of a zero is seen at a glance.
    const empty =
      denominator && typeof added === 'number'
        ? whereEmpty(received, denominator, own.times * added)
        : whereEmpty(received, z);
    account.weigh(empty, [{ loss: 'emptyGroup', times: carried }, ...fromStabilizer]);
  }
  return [s];
}

/** `denominator` is there only where it shows by itself that it is empty, and somebody has to see that. */
function dividedBy(
  { z, added }: Denominator,
  received: tf.Tensor,
  { stabilizer }: LinearProgram,
  { sign, mayBeEmpty }: ProgramShare,
): Pick<Quotient, 's' | 'added'> & { readonly denominator: tf.Tensor | null } {
  if (added !== 0) return { s: ops.div(received, z), added, denominator: z };
  const made = quotient(received, z, stabilizer, sign);
  const shows = mayBeEmpty && stabilizer.mode === 'add' && typeof made.added === 'number';
  if (!shows) made.denominator.dispose();
  return { s: made.s, added: made.added, denominator: shows ? made.denominator : null };
}

/** Whether the adjoint brings the weight of a share along. */
function isCarried({ terms }: ProgramShare, { kernel }: LinearStep): boolean {
  return kernel !== null && terms.every((term) => typeof term.kernel === 'object');
}

/** Relevance where there is nothing to divide by: where a sum is nothing but the stabilizer that was added to it. */
function whereEmpty(received: tf.Tensor, sum: tf.Tensor, added = 0): Weighed {
  const empty = (all: tf.Tensor) => (added === 0 ? isZero(all) : isOnly(all, added));
  return { made: [], lent: [received, sum], make: (_, [r, all]) => ops.mul(given(r), empty(given(all))) };
}

function productOf(a: tf.Tensor, b: tf.Tensor): Weighed {
  return { made: [a, b], lent: [], make: ([x, y]) => ops.mul(given(x), given(y)) };
}

function given(tensor: tf.Tensor | undefined): tf.Tensor {
  if (!tensor) throw new InternalError('fewer tensors than were weighed');
  return tensor;
}

/** Books what biases and the stabilizer keep of `s`: what is the same for all positions of a channel, by channel. */
function bookKept(
  account: Account,
  s: tf.Tensor,
  biases: readonly tf.Tensor[],
  added: tf.Tensor | number,
  times: number,
): void {
  const channels = s.shape[s.rank - 1];
  const isVector = (bias: tf.Tensor) => bias.rank === 1 && bias.size === channels;
  const entries = biases.filter(isVector).map((bias): Booked => ({ loss: 'bias', times, perChannel: bias }));
  if (typeof added !== 'number') account.weigh(productOf(added, s), [{ loss: 'stabilizer', times }]);
  else if (added !== 0) entries.push({ loss: 'stabilizer', times: times * added });
  if (entries.length > 0) account.spread(s, entries);
  for (const bias of biases) if (!isVector(bias)) account.add(() => ops.mul(bias, s), [{ loss: 'bias', times }]);
}

/** The relevance that concerns a share: so much of it, and only at outputs its gate lets through. */
function weighted({ gate }: ProgramShare, weight: number, { rOut, z }: LinearFlow): tf.Tensor {
  if (weight === 1 && !gate) return rOut;
  return tf.tidy(() => {
    const scaled = weight === 1 ? rOut : ops.mul(rOut, weight);
    return gate && z ? ops.mul(scaled, ops.step(gate === 'z>0' ? z : ops.neg(z))) : scaled;
  });
}

/** Outputs that no gate lets through, and shares without any possible contribution, lose what they received. */
function bookEmptyShares(flow: LinearFlow, leftover: tf.Tensor[]): void {
  const { program, rOut, z, account } = flow;
  for (const share of program.shares.filter(({ terms }) => terms.length === 0)) {
    // As everywhere else where a denominator is zero: a stabilizer earns it, if there is one.
    if (isDistributed(program) && program.stabilizer.mode !== 'none')
      leftover.push(weighted(share, share.weight, flow));
    else account.add(() => weighted(share, share.weight, flow), [{ loss: 'emptyGroup', times: 1 }]);
  }
  const gated = program.shares.length > 0 && program.shares.every((share) => share.gate !== null);
  if (gated && z) account.weigh(whereEmpty(rOut, z), [{ loss: 'emptyGroup', times: 1 }]);
}

/** Adjoints of all terms that read the same part of the inputs, summed; one tensor per input. */
interface Group {
  readonly term: ProgramTerm;
  readonly sums: readonly tf.Tensor[];
}

function groupAdjoints(view: LinearView, running: readonly Running[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { share, s, times } of running) {
    for (const term of share.terms) {
      const key = typeof term.input === 'object' ? JSON.stringify(term.input) : term.input;
      const known = groups.get(key);
      const sums = view.adjoint(s, timesKernel(term.kernel, times)).map((c, input) => {
        const signed = term.sign === -1 ? ops.neg(c) : c;
        const before = known?.sums[input];
        return before ? ops.add(before, signed) : signed;
      });
      groups.set(key, { term, sums });
    }
  }
  return [...groups.values()];
}

/** A part of the kernel, so many times. */
function timesKernel(part: KernelPart, times: number): KernelPart {
  if (times === 1) return part;
  if (typeof part === 'string') throw new InternalError(`a denominator of "${part}" coefficients is no multiple`);
  return { positive: times * part.positive, negative: times * part.negative };
}

/** What one input earns from all groups. */
function earn(groups: readonly Group[], flow: LinearFlow, input: number, shape: Shape): tf.Tensor {
  const parts = groups.map(({ term, sums }) => multiplyByInput(flow.xs[input], term, sums[input], shape));
  const [first, ...rest] = parts;
  return first ? rest.reduce((total, part) => ops.add(total, part), first) : tf.zeros([...shape]);
}

function multiplyByInput(
  x: tf.Tensor | undefined,
  term: ProgramTerm,
  c: tf.Tensor | undefined,
  shape: Shape,
): tf.Tensor {
  if (!c) throw new InternalError('an adjoint has fewer results than the step has inputs');
  if (term.input === 'one') return c.size === sizeOf(shape) ? c : ops.mul(c, tf.ones([...shape]));
  if (!x) throw new InternalError('the input of a linear step was not captured');
  return ops.mul(inputPart(x, term.input), c);
}

/** Spreads what bias and stabilizer kept evenly over the connected inputs, or over all inputs. */
function distribute(earned: tf.Tensor[], leftover: tf.Tensor[], flow: LinearFlow, view: LinearView): tf.Tensor[] {
  const total = leftover.reduce((sum, part) => ops.add(sum, part));
  if (flow.program.bias === 'distribute-all') return distributeAll(earned, total);
  const connections = view.connections();
  // Some outputs no input reaches, as in the gaps of a transposed convolution.
  flow.account.add(() => ops.mul(total, isZero(connections)), [{ loss: 'emptyGroup', times: 1 }]);
  const even = view.adjoint(ops.div(total, tf.maximum(connections, 1)), 'ones');
  return earned.map((relevance, input) => ops.add(relevance, even[input] ?? 0));
}

function distributeAll(earned: tf.Tensor[], total: tf.Tensor): tf.Tensor[] {
  const batch = total.shape[0] ?? 1;
  const inputs = earned.reduce((count, relevance) => count + relevance.size / batch, 0);
  const each = ops.div(sumPerSample(total), inputs);
  return earned.map((relevance) =>
    ops.add(relevance, ops.reshape(each, [batch, ...new Array<number>(relevance.rank - 1).fill(1)])),
  );
}

function biasOf(term: ProgramTerm, view: LinearView): tf.Tensor[] {
  const bias = view.bias(term.bias);
  if (!bias) return [];
  return [term.sign === -1 ? ops.neg(bias) : bias];
}

function isDistributed({ bias }: LinearProgram): boolean {
  return bias === 'distribute' || bias === 'distribute-all';
}
