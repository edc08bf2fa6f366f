/** Significant digits of numbers in pictures. */
const DIGITS = 3;

/**
 * A number as it stands in a picture: three significant digits, a true minus sign, powers of ten where the number is very
 * small or very large (`1.2e−5`). Integers keep all their digits up to 99999.
 */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return 'not a number';
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞';
  const size = Math.abs(value);
  const plain = size === 0 || (size >= 1e-3 && size < 1e5);
  const digits = Math.max(DIGITS, Math.floor(Math.log10(size || 1)) + 1);
  const text = plain ? String(Number(value.toPrecision(digits))) : value.toExponential(DIGITS - 1);
  return text.replace('e+', 'e').replaceAll('-', '−');
}

/** As {@link formatNumber}, with a plus sign before what is above zero. */
export function formatSigned(value: number): string {
  return `${value > 0 ? '+' : ''}${formatNumber(value)}`;
}

/** A share as percent: `12 %`, `0.5 %`, `<0.1 %`. */
export function formatShare(share: number): string {
  const percent = 100 * share;
  if (percent !== 0 && Math.abs(percent) < 0.1) return '<0.1 %';
  return `${formatNumber(Number(percent.toFixed(1)))} %`;
}
