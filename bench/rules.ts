import { type Composite, epsilonGammaBox, type PresetName, preset, presetNames } from '../src/index.js';

/** Smallest and largest value of the inputs, as the rules are told. */
export const RANGE: readonly [low: number, high: number] = [-1, 1];

/** The presets that promises are made for. */
const PROMISED: readonly PresetName[] = [
  'epsilon',
  'epsilon-plus',
  'epsilon-plus-flat',
  'epsilon-gamma-box',
  'epsilon-alpha2-beta1',
  'epsilon-alpha2-beta1-flat',
];

/** Names of the presets to run: those with promises, or all. */
export function namesOfRules(all: boolean): readonly PresetName[] {
  return all ? presetNames : PROMISED;
}

/** A preset; a box gets the bounds of the inputs, as its users know them. */
export function rulesOf(name: PresetName): Composite {
  return name === 'epsilon-gamma-box' ? epsilonGammaBox({ low: RANGE[0], high: RANGE[1] }) : preset(name);
}
