// The edge filter: a heatmap that knows nothing of any model, as a baseline for those that claim to.
import type { Plane } from '../../src/render/index.js';

/** Length of the Sobel gradient at each pixel; pixels beyond the border repeat those on it. */
export function edges({ width, height, values }: Plane): Plane {
  const clamp = (value: number, last: number): number => Math.min(last, Math.max(0, value));
  const at = (x: number, y: number): number => values[clamp(y, height - 1) * width + clamp(x, width - 1)] ?? 0;
  const slope = (x: number, y: number, dx: number, dy: number): number =>
    [1, 2, 1].reduce((sum, weight, i) => {
      const [ox, oy] = [dy * (i - 1), dx * (i - 1)];
      return sum + weight * (at(x + dx + ox, y + dy + oy) - at(x - dx + ox, y - dy + oy));
    }, 0);
  const lengths = values.map((_, pixel) => {
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    return Math.hypot(slope(x, y, 1, 0), slope(x, y, 0, 1));
  });
  return { width, height, values: lengths };
}
