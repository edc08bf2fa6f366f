// Where a heatmap puts its weight, measured against a mask of where the object is.
import type { Plane } from '../../src/render/index.js';

/** Share of the positive values that lies inside the mask, from 0 to 1; NaN when no value is positive. */
export function shareInside(map: Plane, mask: Plane): number {
  if (map.width !== mask.width || map.height !== mask.height) {
    throw new Error(`Mask of ${map.width} x ${map.height} expected, got ${mask.width} x ${mask.height}.`);
  }
  let [inside, all] = [0, 0];
  for (const [pixel, value] of map.values.entries()) {
    const positive = Math.max(0, value);
    all += positive;
    if (isInside(mask, pixel)) inside += positive;
  }
  return inside / all;
}

/** Share of the pixels inside the mask: what `shareInside` gives for a heatmap that is the same everywhere. */
export function areaShare(mask: Plane): number {
  const inside = mask.values.reduce((count, _, pixel) => count + (isInside(mask, pixel) ? 1 : 0), 0);
  return inside / mask.values.length;
}

/** Masks hold 0 outside and 255 inside; resizing may leave values between. */
function isInside(mask: Plane, pixel: number): boolean {
  return (mask.values[pixel] ?? 0) > 127;
}
