import { extname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { parseNumbers } from '../read/preprocessing.js';

/** A whole number from `least` up. */
export function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least) return value;
    throw new InvalidArgumentError(`A whole number from ${least} up expected.`);
  };
}

/** Numbers or fractions, separated by commas. */
export function numbers(text: string): readonly number[] {
  const parsed = parseNumbers(text);
  if (parsed) return parsed;
  throw new InvalidArgumentError('A number or a fraction such as 1/255 expected, or several separated by commas.');
}

/** Two numbers, the first no larger than the second. */
export function range(text: string): readonly [number, number] {
  const [low = Number.NaN, high = Number.NaN, ...others] = parseNumbers(text) ?? [];
  if (others.length === 0 && low <= high) return [low, high];
  throw new InvalidArgumentError('Two numbers expected, the smaller one first, such as 0,1.');
}

/** A number above 0 and up to 1. */
export function share(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 1) return value;
  throw new InvalidArgumentError('A number above 0 and up to 1 expected.');
}

/** A number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('A number above 0 expected.');
}

/** Names separated by commas. */
export function names(text: string): readonly string[] {
  return text.split(',').map((name) => name.trim());
}

/** A file name that ends in one of these; or `-`, where that is allowed. */
export function fileName(endings: readonly string[], mayBeDash = false): (text: string) => string {
  return (text) => {
    if ((mayBeDash && text === '-') || endings.includes(extname(text).toLowerCase())) return text;
    const known = new Intl.ListFormat('en', { type: 'disjunction' }).format(endings);
    throw new InvalidArgumentError(`A file name expected that ends in ${known}.`);
  };
}

/** For options that may be given several times. */
export function listed(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
