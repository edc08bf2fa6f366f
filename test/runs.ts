/** Whether all generated cases run; what is said of them together then holds. */
export const ALL_RUN = typeof window === 'undefined';

/**
 * How many generated cases a property gets. In a browser, where every new shape has a shader compiled (in software where
 * there is no GPU), an eighth of them, two at least.
 */
export function runs(count: number): number {
  return ALL_RUN ? count : Math.max(2, Math.ceil(count / 8));
}
