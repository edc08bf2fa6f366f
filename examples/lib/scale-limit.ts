/**
 * End of a scale that is symmetric about zero: the quantile of the values' sizes. Quantile 1 is the largest; a smaller
 * one, such as 0.99, lets a few extreme pixels saturate so that the rest shows. Falls back on the largest when the
 * quantile is zero, as in a map that is zero almost everywhere.
 */
export function scaleLimit(values: Float32Array, quantile = 1): number {
  if (!(quantile > 0 && quantile <= 1)) throw new Error(`Quantile above 0 and up to 1 expected, got ${quantile}.`);
  const sizes = values.map(Math.abs).sort();
  const largest = sizes.at(-1) ?? 0;
  if (!Number.isFinite(largest)) throw new Error('The relevance holds values that are not finite; it has no scale.');
  return sizes[Math.ceil(quantile * sizes.length) - 1] || largest;
}
