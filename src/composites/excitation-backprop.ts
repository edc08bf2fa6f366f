import { zPlus } from '../rules/alpha-beta.js';
import { derivative } from '../rules/pass.js';
import { type Composite, composite } from './composite.js';
import { type PresetOptions, ruleOptions } from './epsilon.js';

/**
 * z⁺ on every weighted linear layer; activations follow their derivative.
 *
 * @see Zhang et al. 2016, "Top-down neural attention by excitation backprop".
 */
export function excitationBackprop(options: PresetOptions = {}): Composite {
  return composite('excitation-backprop', [
    { match: { weighted: true }, rule: zPlus(ruleOptions(options)), optional: true },
    // Every elementwise step: the rule serves no other kind.
    { match: () => true, rule: derivative(), optional: true },
  ]);
}
