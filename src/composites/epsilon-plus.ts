import { zPlus } from '../rules/alpha-beta.js';
import { epsilon } from '../rules/epsilon.js';
import { flat } from '../rules/flat.js';
import { type Composite, combine, composite } from './composite.js';
import { biasOption, type PresetOptions, ruleOptions } from './epsilon.js';
import { CONVOLUTIONS } from './families.js';

/**
 * z⁺ on convolutions, ε on everything else. Parameters as zennit's EpsilonPlus.
 *
 * @see Kohlbrenner et al. 2020, "Towards best practice in explaining neural network decisions with LRP".
 */
export function epsilonPlus(options: PresetOptions = {}): Composite {
  return composite('epsilon-plus', [
    { match: { className: CONVOLUTIONS, weighted: true }, rule: zPlus(ruleOptions(options)), optional: true },
    { match: { weighted: true }, rule: epsilon(options.epsilon, biasOption(options)), optional: true },
  ]);
}

/** {@link epsilonPlus} with the flat rule on the first linear layer of any kind. */
export function epsilonPlusFlat(options: PresetOptions = {}): Composite {
  return { ...combine(firstFlat(options), epsilonPlus(options)), name: 'epsilon-plus-flat' };
}

/** The flat rule on the first weighted linear layer. */
export function firstFlat({ stabilizer }: PresetOptions): Composite {
  const rule = flat(stabilizer === undefined ? {} : { stabilizer });
  return composite('first-flat', [{ match: { position: 'first' }, rule, optional: true }]);
}
