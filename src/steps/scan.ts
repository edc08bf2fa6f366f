import * as tf from '@tensorflow/tfjs-core';
import { InputError, InternalError } from '../errors.js';
import type { DerivedTensors } from '../tensors/derived.js';
import * as ops from '../tensors/ops.js';
import { sizeOf } from '../tensors/shape.js';
import { runGraph } from './run.js';
import type { CarriedState, ScanStep } from './step.js';
import { shaped, stackTime, TimeReader } from './time.js';

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
    return own ? ops.reshape(own, own.shape) : tf.zeros([batch, ...state.shape]);
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
  const readers = readersOf(step, xs);
  const times = readers[0]?.times ?? 0;
  checkLengths(times, readers);
  let states = initialStates(step, xs);
  const record: tf.Tensor[] = [];
  try {
    for (let time = 0; time < times; time++) {
      const answers = runGraph(step.body, [...readers.map((reader) => reader.read(time)), ...states], derived);
      record.push(packAnswers(answers));
      for (const state of states) state.dispose();
      states = answers.slice(0, step.states.length);
      for (const extra of answers.slice(step.states.length)) extra.dispose();
      yield pause;
    }
    return stackTime(record);
  } finally {
    for (const disposable of [...readers, ...states, ...record]) disposable.dispose();
  }
}

/** What goes along with the first sequence may be longer, as tfjs reads masks, but has to last to its end. */
function checkLengths(times: number, readers: readonly TimeReader[]): void {
  const short = readers.find((reader) => reader.times < times);
  if (short === undefined) return;
  throw new InputError(
    `A sequence of ${times} time steps goes along with a mask, or another sequence, of ${short.times}. TensorFlow.js hands a ` +
      'mask on to all layers that follow, of other lengths too, and cannot predict here either. Mask the longer sequence ' +
      'as well, or do without the mask.',
  );
}

/** Readers of the sequences, in the order of processing; the caller's to dispose. */
export function readersOf(step: ScanStep, xs: readonly tf.Tensor[]): TimeReader[] {
  return xs.slice(0, step.sequences).map((sequence) => new TimeReader(sequence, step.backwards));
}

/** What a time step answered, side by side: `[batch, Σ sizes]`. */
export function packAnswers(answers: readonly tf.Tensor[]): tf.Tensor {
  return tf.tidy(() => {
    const [first] = answers;
    if (!first) throw new InternalError('a scan without states answers nothing');
    const flat = (answer: tf.Tensor) => ops.reshape(answer, [answer.shape[0] ?? 1, -1]);
    if (answers.length === 1) return flat(first);
    return tf.concat(
      answers.map((answer) => (answer.rank === 2 ? answer : flat(answer))),
      1,
    );
  });
}

/** The undoing of {@link packAnswers}. The tensors are the caller's. */
export function unpackAnswers(step: ScanStep, packed: tf.Tensor): tf.Tensor[] {
  const batch = packed.shape[0] ?? 1;
  const shapes = answerShapes(step);
  return tf.tidy(() => {
    const sizes = shapes.map(sizeOf);
    const parts = sizes.length === 1 ? [ops.reshape(packed, packed.shape)] : tf.split(packed, sizes, 1);
    return parts.map((part, index) => shaped(part, [batch, ...(shapes[index] ?? [])]));
  });
}
