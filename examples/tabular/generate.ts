// Rows of a table. Some columns decide, some are noise, and one is a suppressor: it says nothing about the answer, but it
// holds the disturbance of another column, so that a good model must read it to see through that one.
import * as tf from '@tensorflow/tfjs-core';
import { randomNormal } from 'd3-random';

/** The columns, in the order of the network's input. */
export const columns = [
  'strong',
  'against',
  'only_when_high',
  'disturbed',
  'suppressor',
  'noise_1',
  'noise_2',
  'noise_3',
  'noise_4',
  'noise_5',
] as const;

/** Name of a column. */
export type Column = (typeof columns)[number];

/** The columns that hold something about the answer. */
export const planted = ['strong', 'against', 'only_when_high', 'disturbed'] as const;

/** Name of one of them. */
export type Planted = (typeof planted)[number];

/** One labelled row. */
export interface Row {
  /** A number per column. */
  readonly values: Readonly<Record<Column, number>>;
  /** What each column adds to the answer's score; the disturbed column's part is what it holds besides the disturbance. */
  readonly parts: Readonly<Record<Planted, number>>;
  readonly positive: boolean;
}

/** Draws rows; the same source in the same state gives the same ones. */
export function rows(count: number, random: () => number): Row[] {
  const normal = randomNormal.source(random)();
  return Array.from({ length: count }, () => row(normal));
}

function row(normal: () => number): Row {
  const [strong, against, high, hidden] = [normal(), normal(), normal(), normal()];
  // As large as what it hides: alone, the disturbed column is right little more often than a guess.
  const disturbance = 2 * normal();
  const parts = {
    strong: 2 * strong,
    against: -1.5 * against,
    only_when_high: 3 * Math.max(0, high) - 1.2,
    disturbed: 2 * hidden,
  };
  const score = Object.values(parts).reduce((sum, part) => sum + part, 0);
  const values = {
    strong,
    against,
    only_when_high: high,
    disturbed: hidden + disturbance,
    suppressor: disturbance,
    noise_1: normal(),
    noise_2: normal(),
    noise_3: normal(),
    noise_4: normal(),
    noise_5: normal(),
  };
  return { values, parts, positive: score > 0 };
}

/** What the network takes, `[rows, columns]`. The caller disposes it. */
export function inputsOf(drawn: readonly Row[]): tf.Tensor2D {
  return tf.tensor2d(drawn.map(({ values }) => columns.map((column) => values[column])));
}

/** 1 for positive rows, `[rows, 1]`. The caller disposes it. */
export function labelsOf(drawn: readonly Row[]): tf.Tensor2D {
  return tf.tensor2d(drawn.map(({ positive }) => [Number(positive)]));
}
