import { contrast, type Target, TargetError, type UnitTarget } from '../../index.js';
import type { Labels } from '../read/labels.js';

/** Options about what is explained. */
export interface TargetOptions {
  readonly target?: string;
  readonly against?: string;
  readonly output?: string;
  readonly layer?: string;
  readonly channel?: number;
}

/**
 * What is explained: `--target 3`, `--target "red fox"` by its label, `--target 2,5,0` for a unit of a map, `--target all`;
 * `--against 5` or `--against rest` for a contrast; `--output` and `--layer` for the place.
 *
 * @throws TargetError when a label is unknown or several units bear it.
 */
export function targetOf(options: TargetOptions, labels: Labels): Target | undefined {
  const { output, layer, channel } = options;
  const unit = unitOf(options, labels);
  if (output === undefined && layer === undefined && channel === undefined) return unit;
  return {
    ...(output === undefined ? {} : { output: /^\d+$/.test(output) ? Number(output) : output }),
    ...(layer === undefined ? {} : { layer }),
    ...(channel === undefined ? {} : { channel }),
    ...(unit === undefined ? {} : { unit }),
  };
}

function unitOf({ target, against }: TargetOptions, labels: Labels): UnitTarget | undefined {
  if (against === undefined) return target === undefined ? undefined : readUnit(target, labels);
  if (target === undefined) throw new TargetError('--against sets a unit against others. Say which: --target UNIT.');
  const unit = numberOf(target, labels);
  return against === 'rest' ? contrast(unit) : contrast(unit, numberOf(against, labels));
}

function readUnit(text: string, labels: Labels): UnitTarget {
  if (text === 'all') return 'all';
  // Of one sample: a list of one index tuple.
  if (/^\d+(,\d+)+$/.test(text)) return [text.split(',').map(Number)];
  return numberOf(text, labels);
}

function numberOf(text: string, labels: Labels): number {
  if (/^\d+$/.test(text)) return Number(text);
  const found = unitsCalled(text.trim().toLowerCase(), labels);
  const [first, ...others] = found;
  if (first && others.length === 0) return first[0];
  const some = found.slice(0, 8).map(([unit, label]) => `${unit} "${label}"`);
  throw new TargetError(
    found.length === 0
      ? `No unit is called "${text}". Expected a number from 0, a label of the model, a position such as 3,4,0, or all.`
      : `${found.length} units are called something like "${text}": ${some.join(', ')}. Give the number.`,
  );
}

/** Units of that very label; else with it among the names that commas separate; else with it anywhere. */
function unitsCalled(wanted: string, labels: Labels): [number, string][] {
  const tests = [
    (label: string) => label.trim() === wanted,
    (label: string) => label.split(',').some((name) => name.trim() === wanted),
    (label: string) => label.includes(wanted),
  ];
  const found = tests.map((test) => [...labels].filter(([, label]) => test(label.toLowerCase())));
  return found.find((units) => units.length > 0) ?? [];
}
