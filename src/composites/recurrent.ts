import { epsilon } from '../rules/epsilon.js';
import { norm } from '../rules/norm.js';
import { signalTakeAll } from '../rules/product.js';
import { type Composite, composite } from './composite.js';
import { biasOption, type PresetOptions } from './epsilon.js';

/**
 * LRP for recurrent networks: ε on every weighted linear layer, the same ε in the sums inside cells, and in products of
 * gate and signal the signal takes all. ε is larger than elsewhere since a cell's sum passes through zero as the state
 * changes sign, step after step.
 *
 * For another treatment of the gates put an entry of your own first:
 * `combine(composite('mine', [{match: 'lstm_1', rule: halfSplit()}]), recurrent())`.
 *
 * @param options `epsilon` defaults to 1e-3; `bias` as in every preset.
 * @see Arras et al. 2017, "Explaining recurrent neural network predictions in sentiment analysis"; Arras et al. 2019,
 *   "Explaining and interpreting LSTMs".
 */
export function recurrent(options: Pick<PresetOptions, 'epsilon' | 'bias'> = {}): Composite {
  const { epsilon: value = 1e-3 } = options;
  return composite('recurrent', [
    { match: { weighted: true }, rule: epsilon(value, biasOption(options)), optional: true },
    { match: { weighted: false, repeated: true }, rule: norm({ stabilizer: value }), optional: true },
    { match: { repeated: true }, rule: signalTakeAll(), optional: true },
  ]);
}
