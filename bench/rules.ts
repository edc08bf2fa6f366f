import { type Composite, epsilonGammaBox, type PresetName, preset, presetNames } from '../src/index.js';
import type { NetworkKind } from './networks/network.js';

/** Smallest and largest value of the inputs, as the rules are told. */
export const RANGE: readonly [low: number, high: number] = [-1, 1];

/** The presets that fit a kind of network, the one whose ledger is measured first. */
const FITTING: Readonly<Record<NetworkKind, readonly [PresetName, ...PresetName[]]>> = {
  convolutional: [
    'epsilon-plus',
    'epsilon',
    'epsilon-plus-flat',
    'epsilon-gamma-box',
    'epsilon-alpha2-beta1',
    'epsilon-alpha2-beta1-flat',
  ],
  recurrent: ['recurrent', 'epsilon'],
  attention: ['attn-lrp', 'cp-lrp', 'epsilon'],
};

/** Names of the presets to run on a kind of network: those that fit it; with `all`, on convolutions all there are. */
export function namesOfRules(kind: NetworkKind, all: boolean): readonly PresetName[] {
  return all && kind === 'convolutional' ? presetNames : FITTING[kind];
}

/** The preset whose ledger is measured on a kind of network. */
export function ledgerRulesOf(kind: NetworkKind): PresetName {
  return FITTING[kind][0];
}

/** A preset; a box gets the bounds of the inputs, as its users know them. */
export function rulesOf(name: PresetName): Composite {
  return name === 'epsilon-gamma-box' ? epsilonGammaBox({ low: RANGE[0], high: RANGE[1] }) : preset(name);
}
