import { RuleError } from '../errors.js';
import { zPlus } from '../rules/alpha-beta.js';
import type { Bound } from '../rules/rule.js';
import { wSquare } from '../rules/w-square.js';
import { zBox } from '../rules/z-box.js';
import { type Composite, type CompositeRemark, combine, composite, type ModelView } from './composite.js';

/** Options of {@link deepTaylor}. */
export interface DeepTaylorOptions {
  /** Stabilizer of every rule. Default 1e-7. */
  readonly stabilizer?: number;
}

/** Options of {@link boundedDeepTaylor}. */
export interface BoundedDeepTaylorOptions extends DeepTaylorOptions {
  /** Smallest value of the input. */
  readonly low: Bound;
  /** Largest value of the input. */
  readonly high: Bound;
}

/**
 * Deep Taylor decomposition: z⁺ where a ReLU follows, w² elsewhere, biases ignored. The explained score is taken
 * through a ReLU, so a negative one gives no relevance. Only for networks of ReLUs: an error otherwise.
 *
 * @see Montavon et al. 2017, "Explaining nonlinear classification decisions with deep Taylor decomposition".
 */
export function deepTaylor({ stabilizer = 1e-7 }: DeepTaylorOptions = {}): Composite {
  const options = { stabilizer, bias: 'ignore' } as const;
  return composite(
    'deep-taylor',
    [
      { match: { weighted: true, beforeRelu: true }, rule: zPlus(options), optional: true },
      { match: { weighted: true }, rule: wSquare(options), optional: true },
    ],
    { seed: 'positive', remarks: reluOnly('deep-taylor', 'error') },
  );
}

/**
 * {@link deepTaylor} with z^B on the first linear layer.
 *
 * @throws RuleError when a bound is missing.
 */
export function boundedDeepTaylor(options: BoundedDeepTaylorOptions): Composite {
  if (options?.low === undefined || options.high === undefined) {
    throw new RuleError(
      'Composite "bounded-deep-taylor" needs both bounds of the input: boundedDeepTaylor({low: 0, high: 1}).',
      'bounded-deep-taylor',
    );
  }
  const { low, high, stabilizer = 1e-7 } = options;
  const rule = zBox({ low, high, stabilizer, bias: 'ignore' });
  const first = composite('first-box', [{ match: { position: 'first' }, rule, optional: true }]);
  const name = 'bounded-deep-taylor';
  return { ...combine(first, deepTaylor(options)), name, remarks: reluOnly(name, 'error') };
}

/** Remarks on activations other than ReLU. */
export function reluOnly(
  name: string,
  level: CompositeRemark['level'],
): (model: ModelView) => readonly CompositeRemark[] {
  return ({ activations, deadBelowZero }) => {
    const others = [...new Set(activations.filter((activation) => !deadBelowZero.includes(activation)))];
    if (others.length === 0) return [];
    const message = `Composite "${name}" is meant for networks of ReLUs; this one also has ${others.join(', ')}. Try "epsilon" or "epsilon-gamma".`;
    return [{ level, message }];
  };
}
