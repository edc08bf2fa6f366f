import { formatNumber } from '../number.js';
import { plainLabel } from './plot.js';

/** Room for the number of a step; Plot's own choice of ticks is as wide. */
const TICK = 80;

/** An axis of time steps, each of them one wide: numbers stand at whole steps only. */
export function timeAxis(steps: number, name: string, width: number) {
  // Of few steps Plot would number the halves too.
  const all = steps < (1.5 * width) / TICK ? { ticks: Array.from({ length: steps }, (_, step) => step) } : {};
  return {
    domain: [-0.5, steps - 0.5],
    ...all,
    tickFormat: formatNumber,
    label: plainLabel(name),
    labelAnchor: 'center',
    labelArrow: 'none',
  } as const;
}
