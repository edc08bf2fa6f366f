import type { Tensor } from '@tensorflow/tfjs-core';
import type { ReadWeight, Step, StepKind } from '../steps/step.js';
import type { Stabilizer } from '../tensors/stabilize.js';

/** A part of a kernel or bias by sign: `w ↦ positive · w⁺ + negative · w⁻`. `{positive: 1, negative: 1}` is `w` itself. */
export interface Signed {
  /** Factor of the positive part. */
  readonly positive: number;
  /** Factor of the negative part. */
  readonly negative: number;
}

/** What stands in a term for the kernel: a part by sign, 1 wherever a connection exists, or `w²`. */
export type KernelPart = Signed | 'ones' | 'squared';

/** What stands in a term for the bias. */
export type BiasPart = Signed | 'squared' | 'none';

/**
 * A bound of the input domain: one number, numbers per channel (last axis), a nested array of the shape of one input
 * (per pixel), or the smallest / largest value per channel of the sample at hand.
 */
export type Bound = number | readonly number[] | NestedNumbers | 'min' | 'max';

/** Numbers nested to any depth, as `tf.tensor` takes them. */
export type NestedNumbers = readonly (number | NestedNumbers)[];

/** What stands in a term for the input: a part of it by sign, 1 everywhere, or how far it is above a bound. */
export type InputPart = 'all' | 'positive' | 'negative' | 'one' | { readonly above: Bound };

/** One summand of the contributions `n_ij = ± input_i · kernel_ij` of a share. */
export interface Term {
  /** What stands for the input. */
  readonly input: InputPart;
  /** What stands for the kernel. */
  readonly kernel: KernelPart;
  /** Added to the denominator once per term. */
  readonly bias: BiasPart;
  /** Default 1. */
  readonly sign?: 1 | -1;
}

/**
 * A share of the relevance with a denominator of its own:
 * `R_i = weight · Σ_j n_ij / stab(Σ_i n_ij + b_j) · R_j`, `n` being the sum of the terms. With a gate only outputs whose
 * pre-activation (bias included) has that sign take part.
 */
export interface Share {
  /** How much of the relevance it shares out. */
  readonly weight: number;
  /** Which outputs take part; default all. */
  readonly gate?: 'z>0' | 'z<0';
  /** What its contributions are made of. */
  readonly terms: readonly Term[];
}

/**
 * What biases (and stabilizers) earn.
 *
 * - `absorb`: their share reaches no input; the ledger accounts for it.
 * - `ignore`: the bias is taken as 0 inside the rule. The sign of `z` that gates ask for still includes it.
 * - `distribute`: the share of bias and stabilizer is spread evenly over the connected inputs.
 * - `distribute-all`: it is spread evenly over all inputs of the sample, connected or not, as the published LSTM code of
 *   Arras et al. does with `bias_factor = 1`.
 */
export type BiasMode = 'absorb' | 'ignore' | 'distribute' | 'distribute-all';

/** All bias modes. */
export const BIAS_MODES: readonly BiasMode[] = ['absorb', 'ignore', 'distribute', 'distribute-all'];

/** Parameters of a rule, for printing and comparing. */
export type RuleParams = Readonly<Record<string, unknown>>;

/** A rule for linear steps, as data: one generic propagation interprets every such rule. */
export interface LinearRule {
  /** Tells rules as data from functions. */
  readonly kind: 'shares';
  /** As the plan prints it. */
  readonly name: string;
  /** The step kind it serves. */
  readonly on: 'linear';
  /** Parameters as the plan prints them. */
  readonly params: RuleParams;
  /** Each with a denominator of its own. */
  readonly shares: readonly Share[];
  /** What keeps denominators from zero. */
  readonly stabilizer: Stabilizer;
  /** Overrides the bias mode of the plan. */
  readonly bias?: BiasMode;
}

/** Where relevance can go other than to the inputs; the columns of the ledger. */
export type Loss = 'bias' | 'stabilizer' | 'padding' | 'emptyGroup' | 'stopped' | 'initialState';

/** What a flow rule sees of a step. Tensors belong to the engine: read them, never dispose them. */
export interface Flow<K extends StepKind = StepKind> {
  /** The step. */
  readonly step: Extract<Step, { kind: K }>;
  /** Inputs of the step; empty unless the rule `needs` them. */
  readonly xs: readonly Tensor[];
  /** Output of the step; present when the rule `needs` it. */
  readonly y: Tensor | null;
  /** Shapes of the inputs, always known. */
  readonly shapes: readonly (readonly number[])[];
  /** Relevance received, shape of the output. */
  readonly rOut: Tensor;
  /** The present value of a weight of the step. */
  readonly read: ReadWeight;
  /** Books relevance that reaches no input: `make` answers it per element (any shape with the batch first). */
  account(loss: Loss, make: () => Tensor): void;
}

/** What a rule wants captured by the forward pass. */
export interface Needs {
  /** Values of the inputs. */
  readonly inputs: boolean;
  /** Value of the output. */
  readonly output: boolean;
}

/** A rule written as a function, for what terms cannot express. */
export interface FlowRule {
  /** Tells functions from rules as data. */
  readonly kind: 'flow';
  /** As the plan prints it. */
  readonly name: string;
  /** The step kinds it serves. The engine hands it no other. */
  readonly on: readonly StepKind[] | 'any';
  /** Parameters as the plan prints them. */
  readonly params: RuleParams;
  /** What the forward pass has to keep for it. */
  readonly needs: Needs;
  /**
   * Where its inputs earn nothing for certain: `own`: where they are zero, as with all rules that multiply by the input;
   * `handed`: relevance stays with its value, so where the output's does; `all`: everywhere. Lets the plan skip work.
   */
  readonly silence: 'none' | 'own' | 'handed' | 'all';
  /** Why the rule cannot serve this step although its kind fits; null when it can. */
  refuses(step: Step): string | null;
  /** What each input earns, in its shape; null for nothing at all. May return `rOut` itself. */
  redistribute(flow: Flow): (Tensor | null)[];
}

/** How a step shares its relevance. Rules are frozen values; make them with the functions of `tfjs-lrp`. */
export type Rule = LinearRule | FlowRule;

/** `gamma(gamma=0.25)`: the rule and its parameters as the plan prints them. */
export function formatRule(rule: Rule): string {
  const params = Object.entries(rule.params).filter(([, value]) => value !== undefined);
  if (params.length === 0) return rule.name;
  return `${rule.name}(${params.map(([name, value]) => `${name}=${formatValue(value)}`).join(', ')})`;
}

function formatValue(value: unknown): string {
  if (typeof value === 'number') return formatNumber(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (!Array.isArray(value)) {
    return Object.values(value)
      .map((part) => formatValue(part))
      .join(' ');
  }
  const text = JSON.stringify(value);
  return text.length > 24 ? `[${value.length} values]` : text;
}

/** `0.25`, but `1e-6` rather than `0.000001`. */
function formatNumber(value: number): string {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() : String(value);
}
