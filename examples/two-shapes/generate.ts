// Pictures of two shapes of different classes, apart from each other on a textured, noisy background. Both classes are
// right; for each of them it is known which pixels speak for it.
import * as tf from '@tensorflow/tfjs-core';
import { randomInt, randomUniform } from 'd3-random';
import { addGrain, paint, type Random, randomColour, texturedCanvas, toBytes } from '../shapes/canvas.js';
import { labels, outlines, place } from '../shapes/outlines.js';

/** Width and height of every picture. */
export const side = 40;

/** One shape in a picture. */
export interface Shape {
  /** Position in the labels of the shapes example. */
  readonly label: number;
  /** True where the shape covers at least half of a pixel. */
  readonly covered: readonly boolean[];
}

/** One picture with what is in it. */
export interface Pair {
  /** RGB bytes, row by row. */
  readonly pixels: Uint8Array;
  readonly shapes: readonly [Shape, Shape];
}

/** Draws pictures; the same source in the same state gives the same ones. */
export function pairs(count: number, random: Random): Pair[] {
  return Array.from({ length: count }, () => pair(random));
}

function pair(random: Random): Pair {
  const between = randomUniform.source(random);
  const integer = randomInt.source(random);
  const canvas = texturedCanvas(side, randomColour(random, 10, 90), random);
  const first = integer(labels.length)();
  const second = (first + 1 + integer(labels.length - 1)()) % labels.length;
  const [a, b] = [between(5.5, 8)(), between(5.5, 8)()];
  const [[ax, ay], [bx, by]] = apart(a, b, random);
  const shapeAt = (label: number, x: number, y: number, radius: number): Shape => {
    const outline = outlines[labels[label] ?? ''];
    if (!outline) throw new Error(`no outline for class ${label}`);
    const placed = place(outline, x, y, radius, between(-0.3, 0.3)());
    const shares = paint(canvas, placed, randomColour(random, 150, 245));
    return { label, covered: Array.from(shares, (share) => share >= 0.5) };
  };
  const shapes = [shapeAt(first, ax, ay, a), shapeAt(second, bx, by, b)] as const;
  addGrain(canvas, between(4, 10)(), random);
  return { pixels: toBytes(canvas), shapes: [...shapes] };
}

type Point = readonly [x: number, y: number];

/** Two places whose shapes do not touch. The tips of a shape lie up to 1.1 radii from its middle. */
function apart(a: number, b: number, random: Random): readonly [Point, Point] {
  const point = (radius: number): Point => {
    const middle = randomUniform.source(random)(1.1 * radius, side - 1.1 * radius);
    return [middle(), middle()];
  };
  for (;;) {
    const [first, second] = [point(a), point(b)];
    if (Math.hypot(first[0] - second[0], first[1] - second[1]) > 1.1 * (a + b) + 2) return [first, second];
  }
}

/** What the network takes, `[pictures, side, side, 3]` in -1 to 1. The caller disposes it. */
export function inputsOf(drawn: readonly Pair[]): tf.Tensor4D {
  const bytes = drawn.flatMap(({ pixels }) => [...pixels]);
  const values = Float32Array.from(bytes, (byte) => byte / 127.5 - 1);
  return tf.tensor4d(values, [drawn.length, side, side, 3]);
}

/** 1 for each class that is there, `[pictures, classes]`. The caller disposes it. */
export function labelsOf(drawn: readonly Pair[]): tf.Tensor2D {
  const present = ({ shapes }: Pair) => labels.map((_, label) => Number(shapes.some((shape) => shape.label === label)));
  return tf.tensor2d(drawn.map(present));
}
