import { slice, Tensor } from '@tensorflow/tfjs-core';
import { TargetError } from '../errors.js';
import type { PlacedTarget, StartValue, Target, UnitTarget } from './target.js';

/** Some of the samples of a batch. */
export interface Range {
  readonly from: number;
  readonly count: number;
  /** Samples of the whole batch. */
  readonly batch: number;
  /** Tensors cut out of the caller's are put here; whoever made the range ends them. */
  readonly made: Tensor[];
}

/**
 * The target for some samples of a batch.
 *
 * @param rank Axes of the output, the batch included; null where it is not known.
 * @throws TargetError when a list has not one target per sample.
 */
export function targetOf(target: Target | undefined, rank: number | null, range: Range): Target | undefined {
  if (target === undefined || !isPlaced(target)) return target === undefined ? undefined : unitOf(target, rank, range);
  return target.unit === undefined ? target : { ...target, unit: unitOf(target.unit, rank, range) };
}

/** The start value for some samples of a batch. */
export function startOf(start: StartValue | undefined, rank: number | null, range: Range): StartValue | undefined {
  return start instanceof Tensor ? tensorOf(start, rank, range) : start;
}

function unitOf(unit: UnitTarget, rank: number | null, range: Range): UnitTarget {
  if (unit instanceof Tensor) return tensorOf(unit, rank, range);
  if (!Array.isArray(unit)) return unit;
  // For a map a list of numbers is the place of one element, the same in every sample.
  const isPlace = unit.every((entry) => typeof entry === 'number') && rank !== null && rank > 2;
  return isPlace ? unit : samplesOf(unit, range);
}

function samplesOf<T>(list: readonly T[], { from, count, batch }: Range): T[] {
  if (list.length === batch) return list.slice(from, from + count);
  throw new TargetError(`${list.length} targets for a batch of ${batch}. Give one per sample, or one number for all.`);
}

function tensorOf(tensor: Tensor, rank: number | null, range: Range): Tensor {
  const perSample = tensor.shape[0] === range.batch && (rank === null || tensor.rank === rank);
  return perSample ? cut(tensor, range) : tensor;
}

/** Some samples of a tensor. */
export function cut(tensor: Tensor, { from, count, made }: Range): Tensor {
  const rest = tensor.shape.slice(1);
  const part = slice(tensor, [from, ...rest.map(() => 0)], [count, ...rest]);
  made.push(part);
  return part;
}

function isPlaced(target: Target): target is PlacedTarget {
  return typeof target === 'object' && !(target instanceof Tensor) && !Array.isArray(target) && !('kind' in target);
}
