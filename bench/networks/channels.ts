/** A channel count at a fraction of its width: a multiple of 8, as the networks' own width multipliers have it. */
export function channels(count: number, width: number): number {
  return width === 1 ? count : Math.max(8, Math.round((count * width) / 8) * 8);
}
