import { RuleError } from '../errors.js';
import { listNames, nearestNames } from '../names.js';
import { attnLrp, cpLrp } from './attention.js';
import type { Composite } from './composite.js';
import { boundedDeepTaylor, deepTaylor } from './deep-taylor.js';
import { epsilonEverywhere } from './epsilon.js';
import { epsilonAlpha2Beta1, epsilonAlpha2Beta1Flat } from './epsilon-alpha2-beta1.js';
import { epsilonGamma, epsilonGammaBox } from './epsilon-gamma-box.js';
import { epsilonPlus, epsilonPlusFlat } from './epsilon-plus.js';
import { excitationBackprop } from './excitation-backprop.js';
import { presetA, presetAFlat, presetB, presetBFlat } from './innvestigate.js';
import { recurrent } from './recurrent.js';

const PRESETS = {
  epsilon: () => epsilonEverywhere(),
  'epsilon-plus': () => epsilonPlus(),
  'epsilon-plus-flat': () => epsilonPlusFlat(),
  'epsilon-gamma': () => epsilonGamma(),
  'epsilon-gamma-box': () => epsilonGammaBox(),
  'epsilon-alpha2-beta1': () => epsilonAlpha2Beta1(),
  'epsilon-alpha2-beta1-flat': () => epsilonAlpha2Beta1Flat(),
  'deep-taylor': () => deepTaylor(),
  // Named without bounds, the box is the range of the sample at hand.
  'bounded-deep-taylor': () => boundedDeepTaylor({ low: 'min', high: 'max' }),
  'excitation-backprop': () => excitationBackprop(),
  'attn-lrp': () => attnLrp(),
  'cp-lrp': () => cpLrp(),
  recurrent: () => recurrent(),
  'preset-a': () => presetA(),
  'preset-a-flat': () => presetAFlat(),
  'preset-b': () => presetB(),
  'preset-b-flat': () => presetBFlat(),
} satisfies Record<string, () => Composite>;

/** The presets that can be asked for by name. */
export type PresetName = keyof typeof PRESETS;

/** All preset names. */
// Marked, since a bundler that kept the call would keep every preset.
export const presetNames: readonly PresetName[] = /* @__PURE__ */ Object.freeze(
  /* @__PURE__ */ Object.keys(PRESETS) as PresetName[],
);

/**
 * The preset of a name, with its default parameters.
 *
 * @throws RuleError when there is none; the message holds the nearest names.
 */
export function preset(name: string): Composite {
  if (Object.hasOwn(PRESETS, name)) return PRESETS[name as PresetName]();
  throw new RuleError(
    `There is no preset "${name}". Nearest: ${listNames(nearestNames(name, presetNames))}. All: ${presetNames.join(', ')}.`,
    name,
  );
}
