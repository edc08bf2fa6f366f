import type { Numbers } from './format.js';

/** Largest difference of two tensors, relative to the largest absolute value that is expected. */
export interface Difference {
  /** What was compared. */
  readonly tensor: string;
  /** Infinite where shapes differ or a number is not finite. */
  readonly error: number;
  /** What went wrong, in words. */
  readonly detail: string;
}

/** Compares tensor by tensor. A tensor of zeros has no scale of its own; there the difference counts as it is. */
export function compare(tensor: string, actual: Numbers, expected: Numbers): Difference {
  if (actual.shape.join() !== expected.shape.join() || actual.data.length !== expected.data.length) {
    const detail = `has shape [${actual.shape}], expected [${expected.shape}]`;
    return { tensor, error: Number.POSITIVE_INFINITY, detail };
  }
  const scale = expected.data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
  let error = 0;
  let detail = 'equal';
  for (const [index, wanted] of expected.data.entries()) {
    const value = actual.data[index] ?? Number.NaN;
    const distance = Math.abs(value - wanted);
    const off = Number.isFinite(distance) ? distance / scale : Number.POSITIVE_INFINITY;
    if (off <= error) continue;
    error = off;
    detail = `${value} instead of ${wanted} at element ${index}, largest expected ${scale}`;
  }
  return { tensor, error, detail };
}

/** `relevance input_1: largest relative error 3.2e-3 (...)`. */
export function formatDifference({ tensor, error, detail }: Difference): string {
  return `${tensor}: largest relative error ${error.toExponential(1)} (${detail})`;
}
