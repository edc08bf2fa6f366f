import * as tf from '@tensorflow/tfjs-core';
import { TargetError } from '../errors.js';
import { asFloat } from '../tensors/as-float.js';
import * as ops from '../tensors/ops.js';
import { positivePart } from '../tensors/parts.js';
import { fitsShape, formatShape } from '../tensors/shape.js';
import type { Contrast, StartValue, UnitTarget } from './target.js';

/** The relevance to start with, and the score of each sample that it stands for. The tensors are the caller's. */
export interface Seed {
  /** Shape of the output. */
  readonly relevance: tf.Tensor;
  /** `[batch]`: sum of the output weighted by the target. */
  readonly scores: tf.Tensor;
  /** Same shape as the output: which units are explained, and how much each counts. */
  readonly weights: tf.Tensor;
}

/**
 * Turns a target into start values: `R = weights ⊙ value` (score), `weights` (one), or the caller's own tensor.
 *
 * @param place How the output is called in messages.
 * @param positive Negative start values become zero.
 * @throws TargetError when the target does not fit the output.
 */
export function seedOf(
  value: tf.Tensor,
  target: UnitTarget | undefined,
  channel: number | undefined,
  start: StartValue,
  place: string,
  positive: boolean,
): Seed {
  const [relevance, scores, weights] = tf.tidy((): [tf.Tensor, tf.Tensor, tf.Tensor] => {
    if (typeof start !== 'string') {
      if (target !== undefined || channel !== undefined) {
        throw new TargetError(
          `A start tensor at ${place} says itself which units are meant. Leave the unit or channel of the target out.`,
        );
      }
      const own = checkWeights(start, value, place, 'start value');
      return [own, sumSample(own), ops.abs(tf.sign(own))];
    }
    if (start !== 'score' && start !== 'one') {
      throw new TargetError(`The start value at ${place} is ${describe(start)}. Expected 'score', 'one' or a tensor.`);
    }
    const weights = weightsOf(value, target, channel, place);
    const relevance = start === 'one' ? weights : ops.mul(weights, value);
    return [positive ? positivePart(relevance) : relevance, sumSample(ops.mul(weights, value)), weights];
  });
  return { relevance, scores, weights };
}

function weightsOf(
  value: tf.Tensor,
  target: UnitTarget | undefined,
  channel: number | undefined,
  place: string,
): tf.Tensor {
  if (channel !== undefined) return channelMask(value, channel, target, place);
  if (target === undefined) return oneHot(strongest(value), value);
  if (target === 'all') return tf.onesLike(value);
  if (target instanceof tf.Tensor) return checkWeights(target, value, place, 'target');
  if (typeof target === 'function') return checkWeights(target(value), value, place, 'target');
  if (typeof target === 'number') return oneHot(sameForAll(unitOf(target, value, place), value), value);
  if (isContrast(target)) return contrastWeights(target, value, place);
  if (!Array.isArray(target)) {
    throw new TargetError(
      `The target at ${place} is ${describe(target)}. Expected a unit, a list of units, a tensor, contrast(a, b), a function or 'all'.`,
    );
  }
  return oneHot(tf.tensor1d(positionsOf(target, value, place), 'int32'), value);
}

/** One channel at every position; with a mask as target only where the mask is. */
function channelMask(value: tf.Tensor, channel: number, target: UnitTarget | undefined, place: string): tf.Tensor {
  const channels = value.shape[value.rank - 1] ?? 0;
  if (!Number.isInteger(channel) || channel < 0 || channel >= channels) {
    throw new TargetError(`There is no channel ${channel} at ${place}. Allowed: 0 to ${channels - 1}.`);
  }
  const mask = ops.mul(tf.onesLike(value), oneHotRows(tf.tensor1d([channel], 'int32'), channels));
  if (target === undefined) return mask;
  if (!(target instanceof tf.Tensor)) {
    throw new TargetError(
      `A channel at ${place} goes with no unit or with a mask tensor, received ${describe(target)}.`,
    );
  }
  return ops.mul(mask, checkWeights(overChannels(target, value), value, place, 'target'));
}

/** A mask of positions, `[..., rows, columns]` or with one channel, for all channels; any other mask as it is. */
function overChannels(mask: tf.Tensor, value: tf.Tensor): tf.Tensor {
  const [batch = 1, ...positions] = value.shape.slice(0, -1);
  if (mask.isDisposed || positions.length === 0) return mask;
  const bare = fitsShape(mask.shape, positions);
  const single = [
    [...positions, 1],
    [batch, ...positions, 1],
  ].some((shape) => fitsShape(mask.shape, shape));
  if (!bare && !single) return mask;
  const column = bare ? tf.expandDims(asFloat(mask), -1) : asFloat(mask);
  return ops.mul(column, tf.ones([value.shape[value.rank - 1] ?? 1]));
}

function contrastWeights({ unit, against }: Contrast, value: tf.Tensor, place: string): tf.Tensor {
  const here = oneHot(sameForAll(unitOf(unit, value, place), value), value);
  if (against !== undefined) return ops.sub(here, oneHot(sameForAll(unitOf(against, value, place), value), value));
  const others = perSample(value) - 1;
  if (others === 0)
    throw new TargetError(`contrast(${unit}) needs other units to compare with; ${place} has only one.`);
  return ops.sub(here, ops.mul(ops.sub(1, here), 1 / others));
}

/** Flat position per sample of one unit per sample, or of an index tuple. */
function positionsOf(target: readonly number[] | readonly UnitTuple[], value: tf.Tensor, place: string): number[] {
  const batch = value.shape[0] ?? 0;
  const numbers = target.filter((item): item is number => typeof item === 'number');
  if (numbers.length === target.length && numbers.length > 0) {
    if (value.rank > 2) return new Array<number>(batch).fill(positionOf(numbers, value, place));
    checkCount(numbers.length, batch, place);
    return numbers.map((unit) => unitOf(unit, value, place));
  }
  const tuples = target.filter((item): item is UnitTuple => Array.isArray(item));
  if (tuples.length !== target.length) {
    throw new TargetError(`The target at ${place} mixes numbers and tuples, or is empty: ${JSON.stringify(target)}.`);
  }
  checkCount(tuples.length, batch, place);
  return tuples.map((tuple) => positionOf(tuple, value, place));
}

type UnitTuple = readonly number[];

function positionOf(tuple: UnitTuple, value: tf.Tensor, place: string): number {
  const sizes = value.shape.slice(1);
  const fits = tuple.length === sizes.length && tuple.every((index, axis) => inRange(index, sizes[axis] ?? 0));
  if (!fits) {
    throw new TargetError(
      `There is no unit [${tuple.join(', ')}] at ${place}. Expected ${sizes.length} indices below [${sizes.join(', ')}].`,
    );
  }
  return tuple.reduce((position, index, axis) => position * (sizes[axis] ?? 1) + index, 0);
}

function unitOf(unit: number, value: tf.Tensor, place: string): number {
  const units = perSample(value);
  const positions = value.rank > 2 && value.shape.slice(1, -1).some((size) => size > 1);
  if (positions) {
    throw new TargetError(
      `A single number names no unit of ${place}, which is a map of shape ${formatShape(value.shape)}. ` +
        'Give an index tuple, a mask tensor, or {channel: n}.',
    );
  }
  if (!inRange(unit, units)) {
    throw new TargetError(`There is no unit ${unit} at ${place}. Allowed: 0 to ${units - 1}.`);
  }
  return unit;
}

function checkCount(count: number, batch: number, place: string): void {
  if (count === batch) return;
  throw new TargetError(
    `${count} targets for a batch of ${batch} at ${place}. Give one per sample, or one number for all.`,
  );
}

function checkWeights(weights: tf.Tensor, value: tf.Tensor, place: string, what: string): tf.Tensor {
  if (!(weights instanceof tf.Tensor) || weights.isDisposed) {
    const given = weights instanceof tf.Tensor ? 'a disposed tensor' : `no tensor: received ${describe(weights)}`;
    throw new TargetError(
      `The ${what} at ${place} is ${given}. Expected a tensor of shape ${formatShape(value.shape)}, or one sample of it.`,
    );
  }
  const [batch = 1, ...unit] = value.shape;
  const withBatch = fitsShape(weights.shape, [batch, ...unit]) || fitsShape(weights.shape, [1, ...unit]);
  if (!withBatch && !fitsShape(weights.shape, unit)) {
    throw new TargetError(
      `The ${what} at ${place} has shape ${formatShape(weights.shape)}, expected ${formatShape(value.shape)} or one sample of it.`,
    );
  }
  return ops.mul(tf.onesLike(value), asFloat(weights));
}

/** Flat position of the largest value of each sample. */
function strongest(value: tf.Tensor): tf.Tensor1D {
  return tf.argMax(flat(value), 1);
}

function sameForAll(position: number, value: tf.Tensor): tf.Tensor1D {
  return tf.fill([value.shape[0] ?? 1], position, 'int32');
}

function oneHot(positions: tf.Tensor1D, value: tf.Tensor): tf.Tensor {
  return ops.reshape(oneHotRows(positions, perSample(value)), value.shape);
}

/** `[positions, depth]`. tfjs itself takes no depth of 1, a model with one unit. */
function oneHotRows(positions: tf.Tensor1D, depth: number): tf.Tensor {
  return depth === 1 ? tf.ones([positions.size, 1]) : asFloat(tf.oneHot(positions, depth));
}

function flat(value: tf.Tensor): tf.Tensor2D {
  return ops.reshape(value, [value.shape[0] ?? 1, perSample(value)]);
}

function sumSample(x: tf.Tensor): tf.Tensor {
  return tf.sum(flat(x), 1);
}

function perSample(value: tf.Tensor): number {
  return value.size / (value.shape[0] ?? 1);
}

function inRange(index: number, size: number): boolean {
  return Number.isInteger(index) && index >= 0 && index < size;
}

function isContrast(target: UnitTarget): target is Contrast {
  return typeof target === 'object' && target !== null && 'kind' in target && target.kind === 'contrast';
}

function describe(target: unknown): string {
  if (typeof target === 'function') return 'a function';
  if (ArrayBuffer.isView(target)) return `of type ${target.constructor.name}; use Array.from(...)`;
  return JSON.stringify(target) ?? String(target);
}
