// From the named composites of the files to the presets of the library.
import {
  type Composite,
  epsilonAlpha2Beta1,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  excitationBackprop,
  type PresetOptions,
} from '../../src/index.js';
import type { CompositeSpec } from './format.js';
import { Inexpressible } from './inexpressible.js';
import { ParamReader } from './params.js';

const MAKERS: ReadonlyMap<string, (read: ParamReader) => Composite> = new Map([
  ['epsilon_plus', (read) => epsilonPlus(options(read))],
  ['epsilon_plus_flat', (read) => epsilonPlusFlat(options(read))],
  ['epsilon_alpha2_beta1', (read) => epsilonAlpha2Beta1(options(read))],
  ['epsilon_alpha2_beta1_flat', (read) => epsilonAlpha2Beta1Flat(options(read))],
  ['epsilon_gamma_box', box],
  ['excitation_backprop', (read) => excitationBackprop(options(read))],
]);

/** @throws Inexpressible when the library has no such preset; Error when a parameter is not understood. */
export function compositeOf({ name, params }: CompositeSpec): Composite {
  const make = MAKERS.get(name);
  if (!make) throw new Inexpressible(`no composite "${name}"`, name);
  const read = new ParamReader(`composite "${name}"`, params);
  const made = make(read);
  read.finish();
  return made;
}

function box(read: ParamReader): Composite {
  return epsilonGammaBox({
    ...options(read),
    low: read.bound('low'),
    high: read.bound('high'),
    ...(read.has('gamma') ? { gamma: read.number('gamma') } : {}),
  });
}

function options(read: ParamReader): PresetOptions {
  const zeroBias = new Map<unknown, PresetOptions>([
    [true, { bias: 'ignore' }],
    [false, {}],
  ]);
  return {
    ...(read.has('epsilon') ? { epsilon: read.number('epsilon') } : {}),
    ...(read.has('stabilizer') ? { stabilizer: read.number('stabilizer') } : {}),
    ...read.choice('zero_bias', zeroBias, {}),
  };
}
