// From the names and parameters of the files to the rules of the library.
import type { LayersModel } from '@tensorflow/tfjs-layers';
import {
  alphaBeta,
  type BiasMode,
  type Composite,
  type CompositeEntry,
  composite,
  epsilon,
  flat,
  gamma,
  gammaClassic,
  layerNorm,
  norm,
  pass,
  type Rule,
  type Stabilizer,
  signalTakeAll,
  softmaxTaylor,
  stop,
  uniformSplit,
  winnerTakeAll,
  wSquare,
  zBox,
  zero,
  zPlus,
} from '../../src/index.js';
import type { RuleSpec } from './format.js';
import { Inexpressible } from './inexpressible.js';
import { ParamReader } from './params.js';
import { valueOperand } from './value-operand.js';

/** Where a rule is used, for rules that depend on it. */
interface Place {
  readonly model: LayersModel;
  readonly address: string;
  /** True where the source adds its stabilizers whatever the sign of the denominator. */
  readonly unsigned: boolean;
}

/** What the format means by a parameter that is not given. */
const DEFAULTS = { epsilon: 1e-6, gamma: 0.25 } as const;

type MakeRule = (read: ParamReader, place: Place) => Rule;

/** A stabilizer read from a parameter, with the sign convention of the source. */
function added(read: ParamReader, name: string, { unsigned }: Place): Stabilizer {
  return { mode: unsigned ? 'unsigned' : 'add', epsilon: read.number(name) };
}

const MAKERS: ReadonlyMap<string, MakeRule> = new Map<string, MakeRule>([
  ['lrp0', (read) => zero(bias(read))],
  [
    'epsilon',
    (read, place) => epsilon(read.number('epsilon', DEFAULTS.epsilon), { ...bias(read), mode: mode(read, place) }),
  ],
  ['gamma', (read) => gamma(read.number('gamma', DEFAULTS.gamma), options(read))],
  [
    'gamma_classic',
    (read) => gammaClassic(read.number('gamma', DEFAULTS.gamma), { ...options(read), biasScaled: biasScaled(read) }),
  ],
  ['alpha_beta', (read) => alphaBeta(read.number('alpha'), read.number('beta'), options(read))],
  ['zplus', (read) => zPlus(options(read))],
  ['wsquare', (read) => wSquare(options(read))],
  // A bias never counts for it, so leaving it out changes nothing.
  ['flat', (read) => flat(bias(read) && stabilizer(read))],
  ['zbox', (read) => zBox({ ...options(read), low: read.bound('low'), high: read.bound('high') })],
  ['norm', (read, place) => norm(read.has('stabilizer') ? { stabilizer: added(read, 'stabilizer', place) } : {})],
  ['pass', () => pass()],
  ['stop', () => stop()],
  ['winner_take_all', () => winnerTakeAll()],
  ['uniform', () => uniformSplit()],
  ['uniform_matmul', (read, place) => uniformSplit({ stabilizer: added(read, 'epsilon', place) })],
  [
    'value_only_matmul',
    (read, place) =>
      signalTakeAll({
        operand: valueOperand(place.model, place.address),
        stabilizer: added(read, 'epsilon', place),
      }),
  ],
  ['softmax_taylor', () => softmaxTaylor()],
  // Gates take nothing by default; ε concerns the weighted maps and the sums inside the cell alike.
  ['rnn_signal_takes_all', (read) => epsilon(read.number('epsilon'), biasFactor(read))],
  ['layernorm_detached_std', (read, place) => layerNorm(added(read, 'epsilon', place))],
]);

/**
 * The rule of every layer as one composite. Where batch normalizations are folded away, a rule for one of them need not
 * match: what is gone passes everything on.
 *
 * @throws Inexpressible when the library has no such rule yet.
 */
export function compositeOfRules(
  rules: Readonly<Record<string, RuleSpec>>,
  model: LayersModel,
  folds: boolean,
  unsigned: boolean,
): Composite {
  const entries = specificFirst(Object.entries(rules)).map(([address, spec]): CompositeEntry => {
    const rule = ruleOf(spec, { model, address, unsigned });
    // Named this way, a layer that is gone is no error.
    return folds && spec.rule === 'pass'
      ? { match: { name: address }, rule, optional: true }
      : { match: address, rule };
  });
  return composite('rules', entries);
}

/** A bare name also means further calls, and layers of that name in nested models; these may have rules of their own. */
function specificFirst<T>(rules: readonly (readonly [address: string, T])[]): readonly (readonly [string, T])[] {
  const isBare = (address: string) => Number(!/[/#]/.test(address));
  return [...rules].sort(([one], [other]) => isBare(one) - isBare(other));
}

/** @throws Inexpressible when the library has no such rule yet; Error when a parameter is not understood. */
function ruleOf({ rule: name, ...params }: RuleSpec, place: Place): Rule {
  const make = MAKERS.get(name);
  if (!make) throw new Inexpressible(`${place.address}: no rule "${name}"`, name);
  const read = new ParamReader(`rule "${name}" at ${place.address}`, params);
  const rule = make(read, place);
  read.finish();
  return rule;
}

function options(read: ParamReader): { stabilizer?: number; bias?: BiasMode } {
  return { ...stabilizer(read), ...bias(read) };
}

function stabilizer(read: ParamReader): { stabilizer?: number } {
  return read.has('stabilizer') ? { stabilizer: read.number('stabilizer') } : {};
}

/** What bias and stabilizer keep is lost, or spread over all inputs of the map. */
function biasFactor(read: ParamReader): { bias?: BiasMode } {
  const modes = new Map<unknown, { bias?: BiasMode }>([
    [0, {}],
    [1, { bias: 'distribute-all' }],
  ]);
  return read.choice('bias_factor', modes, {});
}

function bias(read: ParamReader): { bias?: BiasMode } {
  const modes = new Map<unknown, { bias?: BiasMode }>([['zero', { bias: 'ignore' }]]);
  return read.choice('bias', modes, {});
}

function mode(read: ParamReader, { unsigned }: Place): Stabilizer['mode'] {
  const modes = new Map<unknown, Stabilizer['mode']>([
    ['relative_rms', 'relative'],
    ['clip', 'clip'],
  ]);
  return read.choice('epsilon_mode', modes, unsigned ? 'unsigned' : 'add');
}

function biasScaled(read: ParamReader): boolean {
  return read.choice(
    'bias_scaled',
    new Map([
      [true, true],
      [false, false],
    ]),
    true,
  );
}
