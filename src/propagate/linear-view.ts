import * as tf from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import type { BiasPart, KernelPart } from '../rules/rule.js';
import type { LinearStep } from '../steps/step.js';
import type { DerivedTensors } from '../tensors/derived.js';
import * as ops from '../tensors/ops.js';
import { signedPart } from '../tensors/parts.js';
import type { Shape } from '../tensors/shape.js';

/** A linear step asked with some part of its kernel: what rules are made of. All results are the caller's. */
export interface LinearView {
  /** `Σ_i x_i part(w)_ij (+ part(b)_j) + shift`. */
  forward(xs: readonly tf.Tensor[], kernel: KernelPart, bias: BiasPart, shift?: number): tf.Tensor;
  /** `Σ_j part(w)_ij s_j`, one tensor per input, broadcastable to it. */
  adjoint(s: tf.Tensor, kernel: KernelPart): tf.Tensor[];
  /** Whether a shift comes with the pass, as part of a fused bias. */
  readonly shiftsFreely: boolean;
  /** The part of the bias, broadcastable to the output, or null. */
  bias(part: BiasPart): tf.Tensor | null;
  /** How many inputs reach each output. */
  connections(): tf.Tensor;
}

/** The view of one step for inputs of given shapes. Derived kernels are made once and kept by `derived`. */
export function viewOf(step: LinearStep, shapes: readonly Shape[], derived: DerivedTensors): LinearView {
  const { map } = step;
  const kernelShape = step.kernel?.shape ?? [];
  const rank = shapes[0]?.length ?? 0;
  const biasPart = (part: BiasPart) => readBias(step, part, rank, derived);
  // Maps take the vector as it is.
  const vector = (part: BiasPart, shift: number) =>
    shift === 0
      ? readBias({ ...step, biasAxis: -1 }, part, 0, derived)
      : shiftedBias(step, part, shift, shapes, derived);
  return {
    bias: biasPart,
    shiftsFreely: step.kernel !== null && map.outputShape !== undefined && (step.biasAxis ?? -1) === -1,
    connections: () =>
      derived.constant(map, `connections:${JSON.stringify(shapes.map((shape) => shape.slice(1)))}`, () =>
        map.connections(shapes, kernelShape),
      ),
    forward: (xs, kernel, bias, shift = 0) => {
      if (kernel === 'ones') throw new InternalError(`flat forward of "${step.name}" is a number of connections`);
      const scale = step.kernel ? 1 : partOfOne(kernel);
      const prepared = prepare(step, 'forward', kernel, derived);
      if (scale === 1) return map.forward(xs, prepared, vector(bias, shift));
      return tf.tidy(() => {
        const plain = scaled(map.forward(xs, prepared, null), scale);
        const z = shift === 0 ? plain : ops.add(plain, shift);
        const added = biasPart(bias);
        return added ? ops.add(z, added) : z;
      });
    },
    adjoint: (s, kernel) => {
      if (kernel === 'ones') return map.spread(s, shapes, kernelShape);
      const scale = step.kernel ? 1 : partOfOne(kernel);
      const prepared = prepare(step, 'adjoint', kernel, derived);
      if (scale === 1) return map.adjoint(s, prepared, shapes);
      return tf.tidy(() => map.adjoint(s, prepared, shapes).map((c) => scaled(c, scale)));
    },
  };
}

/** Kernels ready for one direction, made from the given part of the weight. */
function prepare(step: LinearStep, direction: 'forward' | 'adjoint', part: KernelPart, derived: DerivedTensors) {
  if (!step.kernel) return [];
  const make = direction === 'forward' ? step.map.prepareForward : step.map.prepareAdjoint;
  const recipe = isAll(part) ? direction : `${direction}:${describePart(part)}`;
  // What a map makes of its kernel is for the kernels of one backend.
  const key = `${recipe}:${step.map.name}:${tf.getBackend()}`;
  return derived.get(step.kernel, key, (kernel) => make(applyPart(kernel, part)));
}

/** The part of the bias in the rank of the output, its axis where the layer has it. */
function readBias(step: LinearStep, part: BiasPart, rank: number, derived: DerivedTensors): tf.Tensor | null {
  if (!step.bias || part === 'none') return null;
  const after = -1 - (step.biasAxis ?? -1);
  const all = isAll(part);
  // Up to four axes a bare vector broadcasts along the last one; webgpu gets five wrong.
  const shaped = after > 0 || rank > 4;
  if (all && !shaped) return derived.read(step.bias);
  const recipe = `${all ? 'all' : describePart(part)}:${shaped ? `${rank},${after}` : ''}`;
  const [tensor] = derived.get(step.bias, recipe, (bias) => {
    const value = all ? bias : applyPart(bias, part);
    const ones = (count: number) => new Array<number>(Math.max(count, 0)).fill(1);
    return [shaped ? ops.reshape(value, [...ones(rank - 1 - after), ...bias.shape, ...ones(after)]) : value];
  });
  return tensor ?? null;
}

/** The part of the bias with a number added: a stabilizer that costs no pass of its own. */
function shiftedBias(
  step: LinearStep,
  part: BiasPart,
  shift: number,
  shapes: readonly Shape[],
  derived: DerivedTensors,
): tf.Tensor {
  if (step.bias && part !== 'none') {
    const [tensor] = derived.get(step.bias, `${describePart(part)}+${shift}`, (bias) => [
      ops.add(applyPart(bias, part), shift),
    ]);
    if (tensor) return tensor;
  }
  const channels = step.map.outputShape?.(shapes, step.kernel?.shape ?? []).at(-1) ?? 1;
  return derived.constant(step.map, `shift:${shift}:${channels}`, () => tf.fill([channels], shift));
}

function applyPart(weight: tf.Tensor, part: KernelPart | BiasPart): tf.Tensor {
  if (part === 'squared') return tf.square(weight);
  if (typeof part === 'string') throw new InternalError(`weights have no part "${part}"`);
  return signedPart(weight, part.positive, part.negative);
}

/** Coefficients without weights are never negative, so a part by sign is a factor. */
function partOfOne(part: KernelPart): number {
  if (typeof part === 'string') throw new InternalError(`a map without weights has no part "${part}"`);
  return part.positive;
}

function scaled(x: tf.Tensor, factor: number): tf.Tensor {
  return factor === 1 ? x : ops.mul(x, factor);
}

function isAll(part: KernelPart | BiasPart): boolean {
  return typeof part === 'object' && part.positive === 1 && part.negative === 1;
}

function describePart(part: KernelPart | BiasPart): string {
  return typeof part === 'string' ? part : `${part.positive},${part.negative}`;
}
