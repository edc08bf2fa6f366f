// The adding problem: a sequence of numbers, two of them marked; the answer is the sum of these two. Marked numbers come on
// the first of two channels, the others on the second. Numbers keep away from zero, so that a marked step always matters.
import * as tf from '@tensorflow/tfjs-core';
import { randomInt, randomUniform } from 'd3-random';

/** One sequence, and what is known of it. */
export interface Sequence {
  /** A number per time step, of size 0.5 to 1 and of either sign. */
  readonly numbers: readonly number[];
  /** The two marked time steps, in order. */
  readonly marked: readonly [first: number, second: number];
}

/** How long sequences are, in time steps. */
export const lengths: readonly number[] = [4, 5, 6, 7, 8, 9, 10];

/** Draws `count` sequences of one length. */
export function sequences(count: number, length: number, random: () => number): Sequence[] {
  return Array.from({ length: count }, () => sequence(length, random));
}

function sequence(length: number, random: () => number): Sequence {
  const size = randomUniform.source(random)(0.5, 1);
  const integer = randomInt.source(random);
  const numbers = Array.from({ length }, () => (random() < 0.5 ? -size() : size()));
  const first = integer(length - 1)();
  return { numbers, marked: [first, integer(first + 1, length)()] };
}

/** What the network takes: `[sequences, time, 2]`, each number on its channel and 0 on the other. The caller disposes it. */
export function inputsOf(drawn: readonly Sequence[]): tf.Tensor3D {
  return tf.tensor3d(
    drawn.map(({ numbers, marked }) =>
      numbers.map((number, time) => (marked.includes(time) ? [number, 0] : [0, number])),
    ),
  );
}

/** What the network should answer: `[sequences, 1]`, the sums. The caller disposes it. */
export function sumsOf(drawn: readonly Sequence[]): tf.Tensor2D {
  return tf.tensor2d(drawn.map((one) => [markedNumbers(one).reduce((sum, number) => sum + number, 0)]));
}

/** The numbers at the two marked steps. */
export function markedNumbers({ numbers, marked }: Sequence): number[] {
  return marked.map((time) => numbers[time] ?? Number.NaN);
}
