import * as tf from '@tensorflow/tfjs-core';

/** A kernel of some work: which it is, and its least time so far. */
interface KernelTime {
  readonly name: string;
  ms: number;
}

/**
 * What work takes when nothing disturbs it: the least time of each of its kernels over all runs, and the least time of what lies
 * between them, added up. On a shared host no run of seconds is undisturbed as a whole, but every kernel is in some run.
 */
export class QuietTime {
  readonly #kernels: KernelTime[] = [];
  #between = Number.POSITIVE_INFINITY;
  readonly #now: () => number;

  /** `now` is a clock in milliseconds. The default is the one on the wall: work and kernels are of one thread. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /**
   * One run more.
   *
   * @throws Error when the work does not run the same kernels in the same order as before.
   */
  run(work: () => void): void {
    const engine = tf.engine();
    const runKernel = engine.runKernel;
    const times: KernelTime[] = [];
    let within = false;
    engine.runKernel = (name, inputs, attributes) => {
      if (within) return runKernel.call(engine, name, inputs, attributes) as never; // the type of the result is the caller's
      within = true;
      const begun = this.#now();
      try {
        return runKernel.call(engine, name, inputs, attributes) as never; // as above
      } finally {
        times.push({ name, ms: this.#now() - begun });
        within = false;
      }
    };
    const begun = this.#now();
    try {
      work();
    } finally {
      engine.runKernel = runKernel;
    }
    this.#add(times, this.#now() - begun);
  }

  /** Milliseconds; infinite before the first run. */
  get ms(): number {
    return this.#kernels.reduce((sum, kernel) => sum + kernel.ms, this.#between);
  }

  #add(times: readonly KernelTime[], whole: number): void {
    if (this.#between === Number.POSITIVE_INFINITY) this.#kernels.push(...times);
    if (times.map(({ name }) => name).join() !== this.#kernels.map(({ name }) => name).join()) {
      throw new Error(`Runs ${times.length} kernels where it ran ${this.#kernels.length}, or others.`);
    }
    for (const [index, kernel] of this.#kernels.entries()) {
      kernel.ms = Math.min(kernel.ms, times[index]?.ms ?? Number.POSITIVE_INFINITY);
    }
    const inside = times.reduce((sum, { ms }) => sum + ms, 0);
    this.#between = Math.min(this.#between, whole - inside);
  }
}
