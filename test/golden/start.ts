import type * as tf from '@tensorflow/tfjs-core';
import { tensor } from '@tensorflow/tfjs-core';
import type { PropagateOptions, UnitTarget } from '../../src/index.js';
import { compare } from './compare.js';
import type { Expectation, ExpectedFile, ExpectedTarget, Numbers, OutputNumbers } from './format.js';

/** One way to start the relevance of an expectation: an explanation per output, to be added up. */
export interface Start {
  readonly name: string;
  readonly perOutput: readonly PropagateOptions[];
  /** The tensors made here. */
  readonly own: readonly tf.Tensor[];
}

/**
 * The ways to start: always with the given relevance, and where that is the score of the target also the library's own
 * way.
 *
 * @throws Error when a target speaks of an output or a quantity that is not known.
 */
export function startsOf(expectation: Expectation, expected: ExpectedFile): Start[] {
  const unknown = expectation.target.find(({ quantity }) => quantity !== 'logit');
  if (unknown) throw new Error(`target of "${unknown.output}": unknown quantity "${unknown.quantity}"`);
  const given = givenStart(expectation, expected);
  const scores = scoresOf(expected);
  const byScore = expectation.output_relevance.every((relevance) => {
    const target = targetAt(expectation, relevance.output);
    const value = scores[outputIndex(expected, relevance.output)];
    return target && value ? isScore(relevance, target.index, value) : false;
  });
  return byScore ? [given, scoreStart(expectation, expected)] : [given];
}

/** Of every output the logits where the file has them, else the output itself. */
export function scoresOf({ forward, forward_logits = [] }: ExpectedFile): readonly OutputNumbers[] {
  return forward.map((one) => forward_logits.find(({ output }) => output === one.output) ?? one);
}

function givenStart({ output_relevance }: Expectation, expected: ExpectedFile): Start {
  const own = output_relevance.map(({ data, shape }) => tensor([...data], [...shape]));
  const perOutput = output_relevance.map(({ output }, index): PropagateOptions => {
    const start = own[index];
    return { target: { output: outputIndex(expected, output) }, ...(start ? { start } : {}) };
  });
  return { name: 'given start', perOutput, own };
}

function scoreStart(expectation: Expectation, expected: ExpectedFile): Start {
  const perOutput = expectation.target.map(({ output, index }): PropagateOptions => {
    const unit: UnitTarget = index;
    return { target: { output: outputIndex(expected, output), unit } };
  });
  return { name: 'score start', perOutput, own: [] };
}

/** True when relevance is the score at the target and 0 elsewhere. */
function isScore(relevance: Numbers, index: ExpectedTarget['index'], value: Numbers): boolean {
  const explained = index === 'all' ? null : placesOf(index, value.shape);
  const data = value.data.map((score, place) => (explained === null || explained.has(place) ? score : 0));
  return compare('start', { shape: value.shape, data }, relevance).error < 1e-6;
}

/** Flat positions of the index of each sample. */
function placesOf(index: Exclude<ExpectedTarget['index'], 'all'>, [, ...sizes]: readonly number[]): Set<number> {
  const each = sizes.reduce((product, size) => product * size, 1);
  return new Set([...index].map((unit, sample) => sample * each + flatIndex(unit, sizes)));
}

function flatIndex(unit: number | readonly number[], sizes: readonly number[]): number {
  const tuple = typeof unit === 'number' ? [unit] : unit;
  return tuple.reduce((place, index, axis) => place * (sizes[axis] ?? 1) + index, 0);
}

function targetAt({ target }: Expectation, output: string): ExpectedTarget | undefined {
  return target.find((one) => one.output === output);
}

function outputIndex({ forward }: ExpectedFile, output: string): number {
  const index = forward.findIndex((one) => one.output === output);
  if (index < 0) throw new Error(`no output "${output}" among the forward values`);
  return index;
}
