// A tiny RGB canvas of floats: fill with a texture, paint outlines, add grain, read out bytes.
import { randomNormal, randomUniform } from 'd3-random';
import type { Outline } from './outlines.js';

/** A source of numbers in [0, 1). */
export type Random = () => number;
export type Colour = readonly [red: number, green: number, blue: number];

/** Pixels row by row, three floats each, nominally 0 to 255. */
export interface Canvas {
  readonly side: number;
  readonly pixels: Float32Array;
}

/** A colour whose channels lie between `darkest` and `brightest`. */
export function randomColour(random: Random, darkest: number, brightest: number): Colour {
  const channel = randomUniform.source(random)(darkest, brightest);
  return [channel(), channel(), channel()];
}

/** Two crossing waves of random direction, length and tint over a base colour. */
export function texturedCanvas(side: number, base: Colour, random: Random): Canvas {
  const canvas = { side, pixels: new Float32Array(3 * side * side) };
  for (const { tint, height } of [{ tint: base, height: () => 1 }, wave(random), wave(random)]) {
    eachPixel(side, (x, y, at) => {
      const strength = height(x, y);
      for (let c = 0; c < 3; c++) canvas.pixels[at + c] = (canvas.pixels[at + c] ?? 0) + strength * (tint[c] ?? 0);
    });
  }
  return canvas;
}

function wave(random: Random): { tint: Colour; height: Outline } {
  const uniform = randomUniform.source(random);
  const [angle, frequency, phase] = [uniform(0, Math.PI)(), uniform(0.1, 1.2)(), uniform(0, 2 * Math.PI)()];
  const [fx, fy] = [frequency * Math.cos(angle), frequency * Math.sin(angle)];
  const strength = uniform(-22, 22);
  return { tint: [strength(), strength(), strength()], height: (x, y) => Math.sin(fx * x + fy * y + phase) };
}

/** Paints the inside of an outline with one colour, edges smoothed over one pixel. Returns the covered share per pixel. */
export function paint(canvas: Canvas, outline: Outline, colour: Colour): Float32Array {
  const { side, pixels } = canvas;
  const covered = new Float32Array(side * side);
  eachPixel(side, (x, y, at) => {
    const share = Math.min(1, Math.max(0, 0.5 - outline(x, y)));
    covered[at / 3] = share;
    for (let c = 0; c < 3; c++) pixels[at + c] = (1 - share) * (pixels[at + c] ?? 0) + share * (colour[c] ?? 0);
  });
  return covered;
}

/** Adds independent normal noise to every channel. */
export function addGrain(canvas: Canvas, deviation: number, random: Random): void {
  const grain = randomNormal.source(random)(0, deviation);
  for (let i = 0; i < canvas.pixels.length; i++) canvas.pixels[i] = (canvas.pixels[i] ?? 0) + grain();
}

/** The canvas as bytes. */
export function toBytes(canvas: Canvas): Uint8Array {
  return Uint8Array.from(Uint8ClampedArray.from(canvas.pixels));
}

function eachPixel(side: number, visit: (x: number, y: number, at: number) => void): void {
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) visit(x, y, 3 * (y * side + x));
}
