import { epsilon } from '../rules/epsilon.js';
import { gamma } from '../rules/gamma.js';
import type { Bound } from '../rules/rule.js';
import { zBox } from '../rules/z-box.js';
import { type Composite, combine, composite } from './composite.js';
import { biasOption, type PresetOptions, ruleOptions } from './epsilon.js';
import { CONVOLUTIONS } from './families.js';

/** Options of {@link epsilonGamma}. */
export interface EpsilonGammaOptions extends PresetOptions {
  /** γ on convolutions. Default 0.25. */
  readonly gamma?: number;
}

/** Options of {@link epsilonGammaBox}. */
export interface EpsilonGammaBoxOptions extends EpsilonGammaOptions {
  /** Smallest value of the input. Default: each sample's own, per channel. */
  readonly low?: Bound;
  /** Largest value of the input. Default: each sample's own, per channel. */
  readonly high?: Bound;
}

/** Generalized γ on convolutions, ε on everything else. */
export function epsilonGamma(options: EpsilonGammaOptions = {}): Composite {
  return composite('epsilon-gamma', [
    {
      match: { className: CONVOLUTIONS, weighted: true },
      rule: gamma(options.gamma, ruleOptions(options)),
      optional: true,
    },
    { match: { weighted: true }, rule: epsilon(options.epsilon, biasOption(options)), optional: true },
  ]);
}

/**
 * z^B on the first convolution, generalized γ on the others, ε on everything else. Parameters as zennit's
 * EpsilonGammaBox, except that the bounds default to those of the sample.
 *
 * @see Montavon et al. 2019, "Layer-wise relevance propagation: an overview".
 */
export function epsilonGammaBox(options: EpsilonGammaBoxOptions = {}): Composite {
  const { low, high } = options;
  const box = zBox({
    ...ruleOptions(options),
    ...(low === undefined ? {} : { low }),
    ...(high === undefined ? {} : { high }),
  });
  const first = composite('first-box', [
    { match: { position: 'first', className: CONVOLUTIONS }, rule: box, optional: true },
  ]);
  return { ...combine(first, epsilonGamma(options)), name: 'epsilon-gamma-box' };
}
