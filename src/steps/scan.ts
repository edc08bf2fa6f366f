import * as tf from '@tensorflow/tfjs-core';
import { InputError, InternalError } from '../errors.js';
import type { DerivedTensors } from '../tensors/derived.js';
import { sizeOf } from '../tensors/shape.js';
import { runGraph } from './run.js';
import type { CarriedState, ScanStep } from './step.js';

/** Time slices taken in one go: a slice costs as much as the tensor it is cut from, so long ones are cut twice. */
const CHUNK = 32;

/** Shapes, per sample, of what one time step answers: states, then extras. */
export function answerShapes(step: ScanStep): (readonly number[])[] {
  return [...step.states.map((state) => state.shape), ...step.extras];
}

/** Values of the states before the first step. Given ones are read off the inputs; the tensors made are the caller's. */
export function initialStates(step: ScanStep, xs: readonly tf.Tensor[]): tf.Tensor[] {
  const batch = xs[0]?.shape[0] ?? 1;
  const given = xs.slice(step.sequences);
  return step.states.map((state, index) => {
    const own = given[index] ?? ownState(state, batch);
    return own ? tf.reshape(own, own.shape) : tf.zeros([batch, ...state.shape]);
  });
}

/** Where a stateful layer was left; null for others. */
function ownState(state: CarriedState, batch: number): tf.Tensor | null {
  const own = state.initial?.() ?? null;
  if (own === null || own.shape[0] === batch) return own;
  throw new InputError(
    `A stateful layer was left with the states of ${own.shape[0]} samples, but the input has ${batch}. ` +
      'Give it as many, or call resetStates() on the model.',
  );
}

/** Runs the scan, yielding `pause` after each time step; answers `[batch, time, Σ sizes]`. */
export function* scanForward<T>(
  step: ScanStep,
  xs: readonly tf.Tensor[],
  derived: DerivedTensors,
  pause: T,
): Generator<T, tf.Tensor> {
  const slices = sequenceSlices(step, xs);
  const times = slices[0]?.length ?? 0;
  let states = initialStates(step, xs);
  const record: tf.Tensor[] = [];
  try {
    for (let time = 0; time < times; time++) {
      const inputs = [...slices.map((sequence) => at(sequence, time)), ...states];
      const answers = runGraph(step.body, inputs, derived);
      record.push(packAnswers(answers));
      for (const state of states) state.dispose();
      states = answers.slice(0, step.states.length);
      for (const extra of answers.slice(step.states.length)) extra.dispose();
      for (const sequence of slices) at(sequence, time).dispose();
      yield pause;
    }
    return stackTime(record);
  } finally {
    for (const tensor of [...slices.flat(), ...states, ...record]) tensor.dispose();
  }
}

/** The slices of every sequence, in the order of processing: `[sequence][time]`. */
export function sequenceSlices(step: ScanStep, xs: readonly tf.Tensor[]): tf.Tensor[][] {
  return xs.slice(0, step.sequences).map((sequence) => {
    const slices = unstackTime(sequence);
    return step.backwards ? slices.reverse() : slices;
  });
}

/** `[batch, time, ...]` as one tensor per time. */
export function unstackTime(x: tf.Tensor): tf.Tensor[] {
  const [batch = 1, times = 0, ...rest] = x.shape;
  const flat = tf.reshape(x, [batch, times, sizeOf(rest)]);
  const slices: tf.Tensor[] = [];
  for (let from = 0; from < times; from += CHUNK) {
    const count = Math.min(CHUNK, times - from);
    const chunk = tf.slice(flat, [0, from, 0], [batch, count, sizeOf(rest)]);
    for (const slice of tf.unstack(chunk, 1)) {
      slices.push(tf.reshape(slice, [batch, ...rest]));
      slice.dispose();
    }
    chunk.dispose();
  }
  flat.dispose();
  return slices;
}

/** One tensor per time as `[batch, time, ...]`; the slices stay the caller's. */
export function stackTime(slices: readonly tf.Tensor[]): tf.Tensor {
  return tf.stack([...slices], 1);
}

/** What a time step answered, side by side: `[batch, Σ sizes]`. */
export function packAnswers(answers: readonly tf.Tensor[]): tf.Tensor {
  return tf.tidy(() => {
    const flat = answers.map((answer) => tf.reshape(answer, [answer.shape[0] ?? 1, -1]));
    const [first] = flat;
    if (!first) throw new InternalError('a scan without states answers nothing');
    return flat.length === 1 ? first : tf.concat(flat, 1);
  });
}

/** The undoing of {@link packAnswers}. The tensors are the caller's. */
export function unpackAnswers(step: ScanStep, packed: tf.Tensor): tf.Tensor[] {
  const batch = packed.shape[0] ?? 1;
  const shapes = answerShapes(step);
  return tf.tidy(() => {
    const sizes = shapes.map(sizeOf);
    const parts = sizes.length === 1 ? [tf.reshape(packed, packed.shape)] : tf.split(packed, sizes, 1);
    return parts.map((part, index) => tf.reshape(part, [batch, ...(shapes[index] ?? [])]));
  });
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new InternalError(`sequences of a scan differ in length at step ${index}`);
  return value;
}
