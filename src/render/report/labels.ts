/**
 * The name of a unit of an output with that many, `undefined` where it has none. A lone unit between two labels speaks for
 * the second one where it is large, and against the first.
 */
export function labelOf(unit: number, units: number, labels: readonly string[]): string | undefined {
  const [against, label] = labels;
  return units === 1 && labels.length === 2 ? `${label}, against ${against}` : labels[unit];
}
