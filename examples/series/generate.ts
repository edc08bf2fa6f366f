// Three channels of slow waves, noise and stray spikes. In one of them, somewhere, sits a bump: upwards in one class,
// downwards in the other. Channel and place are independent of the class, and known.
import * as tf from '@tensorflow/tfjs-core';
import { randomInt, randomNormal, randomUniform } from 'd3-random';

/** Time steps per series. */
export const times = 48;
export const channels = 3;

/** Names of the classes, in the order of the networks' outputs. */
export const labels: readonly string[] = ['bump up', 'bump down'];

/** One labelled series. */
export interface Series {
  /** A number per time step and channel: `values[time][channel]`. */
  readonly values: readonly (readonly number[])[];
  /** Where the bump is. */
  readonly channel: number;
  /** Its middle and its spread, in time steps. */
  readonly centre: number;
  readonly spread: number;
  /** Position in `labels`. */
  readonly label: number;
}

/** Draws series; the same source in the same state gives the same ones. */
export function series(count: number, random: () => number): Series[] {
  return Array.from({ length: count }, () => one(random));
}

function one(random: () => number): Series {
  const between = randomUniform.source(random);
  const [label, channel] = [randomInt.source(random)(labels.length)(), randomInt.source(random)(channels)()];
  const spread = between(2, 3)();
  const centre = between(3 * spread, times - 3 * spread)();
  const height = (label === 0 ? 1 : -1) * between(1.2, 1.8)();
  const columns = Array.from({ length: channels }, (_, c) => {
    const column = background(random);
    return c === channel ? column.map((value, time) => value + height * bell((time - centre) / spread)) : column;
  });
  const values = Array.from({ length: times }, (_, time) => columns.map((column) => column[time] ?? 0));
  return { values, channel, centre, spread, label };
}

/** One channel without a bump. Spikes are nearly as high as bumps but last a single step. */
function background(random: () => number): number[] {
  const between = randomUniform.source(random);
  const noise = randomNormal.source(random)(0, 0.1);
  const [strength, period, phase] = [between(0.1, 0.3)(), between(25, 60)(), between(0, 2 * Math.PI)()];
  const column = Array.from({ length: times }, (_, time) => {
    return strength * Math.sin((2 * Math.PI * time) / period + phase) + noise();
  });
  for (let spikes = 0; spikes < 2; spikes++) {
    const time = randomInt.source(random)(times)();
    column[time] = (column[time] ?? 0) + (random() < 0.5 ? -1 : 1) * between(0.8, 1.4)();
  }
  return column;
}

const bell = (x: number): number => Math.exp(-(x * x) / 2);

/** What the networks take, `[series, time, channels]`. The caller disposes it. */
export function inputsOf(drawn: readonly Series[]): tf.Tensor3D {
  return tf.tensor3d(drawn.map(({ values }) => values.map((row) => [...row])));
}

/** Classes, one-hot, `[series, classes]`. The caller disposes it. */
export function labelsOf(drawn: readonly Series[]): tf.Tensor2D {
  const one = (label: number) => labels.map((_, index) => Number(index === label));
  return tf.tensor2d(drawn.map(({ label }) => one(label)));
}

/** Where the bump is, as flat as the relevance of one series: within two spreads of its middle, in its channel. */
export function truthOf({ channel, centre, spread }: Series): boolean[] {
  return Array.from({ length: times * channels }, (_, index) => {
    const time = Math.floor(index / channels);
    return index % channels === channel && Math.abs(time - centre) <= 2 * spread;
  });
}

/** What a softmax of two decides by: the own class against the other, 1 and -1, `[series, classes]`. The caller disposes it. */
export function contrastOf(drawn: readonly Series[]): tf.Tensor2D {
  return tf.tensor2d(drawn.map(({ label }) => labels.map((_, index) => (index === label ? 1 : -1))));
}
