import { RuleError } from '../errors.js';
import { type LinearRuleOptions, linearRule, NEGATIVE, POSITIVE, share } from './linear-rule.js';
import type { Bound, LinearRule } from './rule.js';

/** Options of {@link zBox}. */
export interface ZBoxOptions extends LinearRuleOptions {
  /** Smallest value an input can take. Default `min`: the sample's own smallest value per channel. */
  readonly low?: Bound;
  /** Largest value an input can take. Default `max`: the sample's own largest value per channel. */
  readonly high?: Bound;
}

/**
 * z^B: for a first layer whose inputs lie in a box, such as pixels.
 *
 * `n_ij = x_i w_ij - low_i w_ij⁺ - high_i w_ij⁻`, `R_i = Σ_j n_ij / Σ_i n_ij R_j`; the bias cancels.
 *
 * @throws RuleError when a lower bound exceeds the upper one.
 * @see Montavon et al. 2017, eq. 16.
 */
export function zBox(options: ZBoxOptions = {}): LinearRule {
  const low = options.low ?? 'min';
  const high = options.high ?? 'max';
  checkBounds(low, high);
  return linearRule(
    'z-box',
    { ...options, low, high },
    [
      share([
        // Grouped so that no large terms cancel: x w - l w⁺ - h w⁻ = (x - l) w⁺ + (x - h) w⁻.
        { input: { above: low }, kernel: POSITIVE, bias: 'none' },
        { input: { above: high }, kernel: NEGATIVE, bias: 'none' },
      ]),
    ],
    options,
  );
}

function checkBounds(low: Bound, high: Bound): void {
  if (low === 'max' || high === 'min') {
    throw new RuleError('Rule "z-box": low may be "min" and high may be "max", not the other way round.', 'z-box');
  }
  for (const bound of [low, high]) {
    if (typeof bound === 'number' || Array.isArray(bound) || bound === 'min' || bound === 'max') continue;
    throw new RuleError(
      `Rule "z-box": a bound is a number, a list of numbers, 'min' or 'max'; received ${String(bound)}.`,
      'z-box',
    );
  }
  if (typeof low === 'string' || typeof high === 'string') return;
  const lows = flatten(low);
  const highs = flatten(high);
  if (lows.length !== highs.length && lows.length !== 1 && highs.length !== 1) {
    throw new RuleError(
      `Rule "z-box": low has ${lows.length} values and high ${highs.length}. Give one number, one per channel, or one per element for both.`,
      'z-box',
    );
  }
  for (let index = 0; index < Math.max(lows.length, highs.length); index++) {
    const a = lows[lows.length === 1 ? 0 : index] ?? Number.NaN;
    const b = highs[highs.length === 1 ? 0 : index] ?? Number.NaN;
    if (!(a <= b)) {
      throw new RuleError(`Rule "z-box": low must not exceed high, received low ${a} and high ${b}.`, 'z-box');
    }
  }
}

function flatten(bound: Exclude<Bound, string>): number[] {
  if (typeof bound === 'number') return [bound];
  return bound.flatMap((value: number | Exclude<Bound, string>) => flatten(value));
}
