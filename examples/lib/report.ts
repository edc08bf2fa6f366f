// What the demo prints besides the library's own tables.
import { edges } from './edges.js';
import type { Naming } from './labels.js';
import { areaShare, shareInside } from './mass.js';
import { brightness, type Picture } from './picture.js';
import type { Plane } from './plane.js';

/** The strongest outputs, strongest first, one per line. */
export function strongest(outputs: ArrayLike<number>, naming: Naming, count = 5): string {
  const units = Array.from(outputs, (value, unit) => ({ value, unit })).sort((a, b) => b.value - a.value);
  return units
    .slice(0, count)
    .map(({ value, unit }) => `  ${value.toFixed(4)}  ${naming(unit)} (${unit})`)
    .join('\n');
}

/** How much of the positive relevance lies on the object, and what two heatmaps without insight would reach. */
export function massReport(relevance: Plane, picture: Picture, mask: Plane): string {
  const shares: readonly [string, number][] = [
    ['relevance', shareInside(relevance, mask)],
    ['edge filter', shareInside(edges(brightness(picture)), mask)],
    ['uniform (area of the mask)', areaShare(mask)],
  ];
  return shares.map(([name, share]) => `  ${(100 * share).toFixed(1).padStart(5)} %  ${name}`).join('\n');
}
