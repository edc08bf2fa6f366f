import { alphaBeta } from '../rules/alpha-beta.js';
import { epsilon } from '../rules/epsilon.js';
import { type Composite, combine, composite } from './composite.js';
import { biasOption, type PresetOptions, ruleOptions } from './epsilon.js';
import { firstFlat } from './epsilon-plus.js';
import { CONVOLUTIONS } from './families.js';

/**
 * α2β1 on convolutions, ε on everything else. Parameters as zennit's EpsilonAlpha2Beta1.
 *
 * @see Kohlbrenner et al. 2020.
 */
export function epsilonAlpha2Beta1(options: PresetOptions = {}): Composite {
  return composite('epsilon-alpha2-beta1', [
    { match: { className: CONVOLUTIONS, weighted: true }, rule: alphaBeta(2, 1, ruleOptions(options)), optional: true },
    { match: { weighted: true }, rule: epsilon(options.epsilon, biasOption(options)), optional: true },
  ]);
}

/** {@link epsilonAlpha2Beta1} with the flat rule on the first linear layer of any kind. */
export function epsilonAlpha2Beta1Flat(options: PresetOptions = {}): Composite {
  return { ...combine(firstFlat(options), epsilonAlpha2Beta1(options)), name: 'epsilon-alpha2-beta1-flat' };
}
