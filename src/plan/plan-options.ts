import type { CanonizeOptions } from '../canonize/canonize.js';
import { FOLD_MODES } from '../canonize/fold-batch-norm.js';
import type { PlanProblem } from '../errors.js';
import type { Registry } from '../layers/registry.js';
import { unknownKeys } from '../names.js';
import { BIAS_MODES, type BiasMode } from '../rules/rule.js';
import type { Approximations } from './approximate.js';

/** Options of a plan. */
export interface PlanOptions {
  /** Adapters of the layers; default: those of all tfjs layers. */
  readonly registry?: Registry;
  /**
   * Layers without an adapter that are explained all the same, by class name, layer name or address: `{MyLayer:
   * 'gradient'}` is gradient × input with the normalization of LRP-ε, see {@link gradientTimesInput}; `'gradient'` is
   * for all layers without an adapter.
   */
  readonly approximate?: Approximations;
  /** What biases earn where a rule does not say. Default `absorb`. */
  readonly bias?: BiasMode;
  /** How the graph is rewritten first. */
  readonly canonize?: CanonizeOptions;
  /** Smallest and largest value of every input; a range from 0 up proves inputs nonnegative, which saves passes. */
  readonly inputRange?: readonly [low: number, high: number];
}

// Records, so that the compiler asks for a key that is added above.
const KEYS: Readonly<Record<keyof PlanOptions, true>> = {
  registry: true,
  approximate: true,
  bias: true,
  canonize: true,
  inputRange: true,
};
const CANONIZE_KEYS: Readonly<Record<keyof CanonizeOptions, true>> = { batchNorm: true, links: true };

/** What is wrong with options that no compiler has checked. None is passed over in silence. */
export function optionProblems(options: PlanOptions): PlanProblem[] {
  const { registry, bias, canonize, inputRange } = options;
  const wrong = [
    unknownKeys('A plan takes', options, Object.keys(KEYS)),
    registry === undefined || typeof registry?.resolve === 'function'
      ? null
      : 'registry is no registry. Extend the one there is: defaultRegistry.with(MyLayer, adapter).',
    oneOf('bias', bias, BIAS_MODES),
    canonize === undefined ? null : canonizeProblem(canonize),
    inputRange === undefined || isRange(inputRange)
      ? null
      : `inputRange should be two numbers, the smaller first, such as [0, 1]; received ${JSON.stringify(inputRange)}.`,
  ];
  return wrong.flatMap((message) => (message === null ? [] : [{ message }]));
}

/** The options of a plan among others, and the others. */
export function splitOptions<T extends PlanOptions>(options: T): [PlanOptions, Omit<T, keyof PlanOptions>] {
  const entries = Object.entries(options);
  const own = Object.fromEntries(entries.filter(([key]) => key in KEYS));
  const others = Object.fromEntries(entries.filter(([key]) => !(key in KEYS)));
  return [own, others as Omit<T, keyof PlanOptions>]; // what is left of T once those keys are gone
}

function canonizeProblem(canonize: CanonizeOptions): string | null {
  if (typeof canonize !== 'object' || canonize === null) {
    return `canonize should be an object such as {batchNorm: 'none'}; received ${JSON.stringify(canonize)}.`;
  }
  return (
    unknownKeys('canonize takes', canonize, Object.keys(CANONIZE_KEYS)) ??
    oneOf('canonize.batchNorm', canonize.batchNorm, FOLD_MODES)
  );
}

function oneOf(name: string, value: unknown, known: readonly unknown[]): string | null {
  if (value === undefined || known.includes(value)) return null;
  return `${name} should be one of ${known.join(', ')}; received ${JSON.stringify(value)}.`;
}

function isRange(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && value[0] <= value[1];
}
