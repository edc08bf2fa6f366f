import type { Progress } from '../../index.js';
import type { Io } from './io.js';

const WIDTH = 20;

/** Shows how far an explanation is. */
export function showProgress(io: Io, quiet: boolean | undefined): (progress: Progress) => void {
  if (quiet) return () => {};
  return ({ phase, done, total, address }) => {
    const filled = Math.round((WIDTH * done) / total);
    io.status(`${'#'.repeat(filled)}${'.'.repeat(WIDTH - filled)} ${phase} ${done}/${total} ${address}`);
  };
}
