// The data set: one shape on a textured, noisy background among distracting strokes. Colour, place, size and turn are
// independent of the class, so only the outline tells the classes apart, and where the outline is, is known. The shape is
// mostly brighter than its background; strokes are of any brightness.
import { randomInt, randomUniform } from 'd3-random';
import { addGrain, type Colour, paint, type Random, randomColour, texturedCanvas, toBytes } from './canvas.js';
import { labels, outlines, place, stroke } from './outlines.js';

/** Width and height of every picture. */
export const side = 48;

/** One labelled picture. */
export interface Sample {
  /** RGB bytes, row by row. */
  readonly pixels: Uint8Array;
  /** One byte per pixel: 255 where the shape covers at least half of it, else 0. */
  readonly mask: Uint8Array;
  /** Position in `labels`. */
  readonly label: number;
}

/** Draws the next sample of a random source; the same source in the same state gives the same sample. */
export function generate(random: Random): Sample {
  const between = randomUniform.source(random);
  const integer = randomInt.source(random);
  const label = integer(labels.length)();
  const outline = outlines[labels[label] ?? ''];
  if (!outline) throw new Error(`no outline for class ${label}`);

  const base = randomColour(random, 10, 130);
  const canvas = texturedCanvas(side, base, random);
  const anywhere = between(0, side);
  for (let strokes = integer(3, 7)(); strokes > 0; strokes--) {
    const [x, y, angle, length] = [anywhere(), anywhere(), between(0, 2 * Math.PI)(), between(6, 18)()];
    const [dx, dy] = [length * Math.cos(angle), length * Math.sin(angle)];
    paint(canvas, stroke(x, y, x + dx, y + dy, between(0.5, 1.2)()), randomColour(random, 10, 245));
  }
  const radius = between(8, 14)();
  const centre = between(radius + 1, side - radius - 1);
  const shape = place(outline, centre(), centre(), radius, between(-0.35, 0.35)());
  const covered = paint(canvas, shape, colourUnlike(base, random));
  addGrain(canvas, between(4, 14)(), random);
  return { pixels: toBytes(canvas), mask: Uint8Array.from(covered, (share) => (share >= 0.5 ? 255 : 0)), label };
}

/** A brighter colour that the eye can tell from the background. */
function colourUnlike(base: Colour, random: Random): Colour {
  for (;;) {
    const colour = randomColour(random, 90, 245);
    if (Math.hypot(...colour.map((value, c) => value - (base[c] ?? 0))) > 130) return colour;
  }
}
