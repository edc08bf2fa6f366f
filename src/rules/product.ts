import type * as tf from '@tensorflow/tfjs-core';
import { RuleError } from '../errors.js';
import type { BilinearStep } from '../steps/step.js';
import * as ops from '../tensors/ops.js';
import { isZero, quotient, type Stabilizer } from '../tensors/stabilize.js';
import { flowRule } from './flow-rule.js';
import { checkStabilizer } from './linear-rule.js';
import type { Flow, FlowRule } from './rule.js';

/** Options of the rules for products. */
export interface ProductOptions {
  /** ε ≥ 0 in the denominator of matrix products; products element by element need none. Default 1e-6. */
  readonly stabilizer?: number | Stabilizer;
}

/** Options of {@link signalTakeAll} and {@link halfSplit}. */
export interface SignalOptions extends ProductOptions {
  /** Index of the operand that carries the signal. Default: the one the layer itself names. */
  readonly operand?: number;
}

/**
 * Signal take all: in a product of gate and signal the signal earns everything, the gate nothing.
 *
 * @see Arras et al. 2017, "Explaining recurrent neural network predictions in sentiment analysis".
 */
export function signalTakeAll(options: SignalOptions = {}): FlowRule {
  return productRule(
    'signal-take-all',
    options,
    (step) => {
      const signal = options.operand ?? step.signal;
      return (operand) => (operand === signal ? 1 : 0);
    },
    refuseWithoutSignal(options.operand),
  );
}

/**
 * Half: the signal earns one half, the other operands share the other half.
 *
 * @see Arras et al. 2019, "Explaining and interpreting LSTMs", sec. 11.2.4 (LRP-half).
 */
export function halfSplit(options: SignalOptions = {}): FlowRule {
  return productRule(
    'half',
    options,
    (step, count) => {
      const signal = options.operand ?? step.signal;
      return (operand) => (operand === signal ? 0.5 : 0.5 / (count - 1));
    },
    refuseWithoutSignal(options.operand),
  );
}

/**
 * Uniform: each of `n` operands earns `R / n`; within a matrix product in proportion to the contributions,
 * `R_A = A ⊙ (S B^T)`, `R_B = B ⊙ (A^T S)` with `S = R / (n O + ε)`.
 *
 * @see Achtibat et al. 2024, "AttnLRP", prop. 3.3.
 */
export function uniformSplit(options: ProductOptions = {}): FlowRule {
  return productRule('uniform', options, (_step, count) => () => 1 / count);
}

/**
 * Proportional split: each operand of a product element by element earns in proportion to its magnitude,
 * `R_k = |x_k| / Σ_l |x_l| R`.
 *
 * @see Ding et al. 2017, "Visualizing and understanding neural machine translation", for the idea.
 */
export function proportionalSplit(): FlowRule {
  return flowRule('proportional-split', {
    on: ['bilinear'],
    needs: { inputs: true, output: false },
    silence: 'own',
    refuses: (step) => (step.elementwise ? null : 'it is a matrix product; magnitudes compare element by element only'),
    redistribute: ({ step, xs, rOut, account }) => {
      const magnitudes = xs.map((x) => ops.abs(x));
      const total = magnitudes.reduce((sum, magnitude) => ops.add(sum, magnitude));
      const s = ops.div(rOut, ops.add(total, isZero(total)));
      account('emptyGroup', () => ops.mul(rOut, isZero(total)));
      return magnitudes.map((magnitude, index) => collect(step, index, ops.mul(s, magnitude), xs));
    },
  });
}

/** The weight of each operand, given the step and how many operands it has. */
type Weights = (step: BilinearStep, count: number) => (operand: number) => number;

function productRule(
  name: string,
  options: SignalOptions,
  weights: Weights,
  refuses?: (step: BilinearStep) => string | null,
): FlowRule {
  const stabilizer = checkStabilizer(name, options.stabilizer ?? 1e-6);
  if (options.operand !== undefined) checkOperand(name, options.operand);
  return flowRule(name, {
    on: ['bilinear'],
    params: { ...options },
    needs: { inputs: true, output: true },
    silence: 'handed',
    ...(refuses ? { refuses } : {}),
    redistribute: (flow) => {
      const count = flow.shapes.length;
      if (options.operand !== undefined) checkOperand(name, options.operand, count);
      const weightOf = weights(flow.step, count);
      const shares = flow.shapes.map((_, operand) => weightOf(operand));
      return flow.step.elementwise ? splitElementwise(flow, shares) : splitMatrix(flow, shares, stabilizer);
    },
  });
}

function splitElementwise({ step, xs, rOut }: Flow<'bilinear'>, shares: readonly number[]): (tf.Tensor | null)[] {
  return shares.map((weight, operand) => {
    if (weight === 0) return null;
    return collect(step, operand, weight === 1 ? rOut : ops.mul(rOut, weight), xs);
  });
}

/** Each operand's contributions sum to `O` per output, so `S = R / (n O + ε)` with `n` the number of operands that earn. */
function splitMatrix(flow: Flow<'bilinear'>, shares: readonly number[], stabilizer: Stabilizer): (tf.Tensor | null)[] {
  const { step, xs, y, rOut, account } = flow;
  if (!y) return shares.map(() => null);
  const earning = shares.filter((weight) => weight !== 0).length;
  const scaled = ops.mul(y, earning);
  const { s, denominator } = quotient(rOut, scaled, stabilizer);
  account('stabilizer', () => ops.mul(ops.sub(denominator, scaled), s));
  return shares.map((weight, operand) => {
    if (weight === 0) return null;
    const earned = step.earn(operand, s, xs);
    return weight * earning === 1 ? earned : ops.mul(earned, weight * earning);
  });
}

function collect(step: BilinearStep, operand: number, relevance: tf.Tensor, xs: readonly tf.Tensor[]): tf.Tensor {
  return step.collect ? step.collect(operand, relevance, xs) : relevance;
}

/** @throws RuleError when `operand` is no index, or not one of `count` operands. */
function checkOperand(rule: string, operand: number, count = Number.POSITIVE_INFINITY): void {
  if (Number.isInteger(operand) && operand >= 0 && operand < count) return;
  const range = Number.isFinite(count) ? `an index from 0 to ${count - 1}` : 'an index from 0 on';
  throw new RuleError(`Rule "${rule}": operand must be ${range}, received ${operand}.`, rule);
}

function refuseWithoutSignal(operand: number | undefined) {
  return (step: BilinearStep): string | null =>
    operand === undefined && step.signal === undefined
      ? 'it does not say which operand carries the signal; name it, such as signalTakeAll({operand: 0})'
      : null;
}
