import type { Verdict } from './check-case.js';
import { type Difference, formatDifference } from './compare.js';

interface Placed {
  readonly place: string;
  readonly difference: Difference;
}

/** Counts what became of the forward values and the expectations of a run, to be printed at its end. */
export class Tally {
  private agreeing = 0;
  private farthest: Placed | undefined;
  private readonly left: string[] = [];
  private readonly failing = new Map<string, { checks: number; worst: Placed }>();

  /** Forward values or an expectation were checked. */
  count(golden: string, expectation: string, verdict: Verdict): void {
    const place = `${golden}/${expectation}`;
    if (verdict.status === 'agrees') {
      this.agreeing += 1;
      this.farthest = farther(this.farthest, { place, difference: verdict.worst });
    }
    if (verdict.status === 'differs') this.fail(golden, place, verdict.wrong);
  }

  /** An expectation was left out, as it may be. */
  leave(golden: string, expectation: string): void {
    this.left.push(`${golden}/${expectation}`);
  }

  /** A line for all that agrees, one for what was left out, and one per failing case with its largest error. */
  toString(): string {
    const { agreeing, farthest, left, failing } = this;
    const far = farthest ? `; farthest off: ${farthest.place}, ${formatDifference(farthest.difference)}` : '';
    return [
      `${agreeing} checks agree${far}`,
      ...(left.length > 0 ? [`${left.length} left out by GOLDEN_ALLOW: ${left.join(', ')}`] : []),
      ...[...failing].map(
        ([golden, { checks, worst }]) =>
          `FAILED ${golden}: ${checks} checks differ, most of all ${worst.place}, ${formatDifference(worst.difference)}`,
      ),
    ].join('\n');
  }

  private fail(golden: string, place: string, wrong: readonly Difference[]): void {
    const before = this.failing.get(golden);
    const all = wrong.map((difference) => ({ place, difference }));
    const worst = all.reduce<Placed | undefined>(farther, before?.worst);
    if (worst) this.failing.set(golden, { checks: (before?.checks ?? 0) + 1, worst });
  }
}

function farther(one: Placed | undefined, other: Placed): Placed {
  return one && one.difference.error >= other.difference.error ? one : other;
}
