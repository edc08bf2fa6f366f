// From the named composites of the files to the presets of the library.
import {
  boundedDeepTaylor,
  type Composite,
  deepTaylor,
  epsilonAlpha2Beta1,
  epsilonAlpha2Beta1Flat,
  epsilonGammaBox,
  epsilonPlus,
  epsilonPlusFlat,
  excitationBackprop,
  type InnvestigateOptions,
  type PresetOptions,
  presetA,
  presetAFlat,
  presetB,
  presetBFlat,
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
  ['preset-a', (read) => presetA(dense(read))],
  ['preset-a-flat', (read) => presetAFlat(dense(read))],
  ['preset-b', (read) => presetB(dense(read))],
  ['preset-b-flat', (read) => presetBFlat(dense(read))],
  ['deep-taylor', (read) => deepTaylor(stabilizer(read))],
  [
    'bounded-deep-taylor',
    (read) => boundedDeepTaylor({ ...stabilizer(read), low: read.bound('low'), high: read.bound('high') }),
  ],
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

/** The presets of iNNvestigate have one parameter that changes numbers. */
function dense(read: ParamReader): InnvestigateOptions {
  return read.has('epsilon') ? { epsilon: read.number('epsilon') } : {};
}

function stabilizer(read: ParamReader): { stabilizer?: number } {
  return read.has('stabilizer') ? { stabilizer: read.number('stabilizer') } : {};
}

function options(read: ParamReader): PresetOptions {
  const zeroBias = new Map<unknown, PresetOptions>([
    [true, { bias: 'ignore' }],
    [false, {}],
  ]);
  return {
    ...(read.has('epsilon') ? { epsilon: read.number('epsilon') } : {}),
    ...stabilizer(read),
    ...read.choice('zero_bias', zeroBias, {}),
  };
}
