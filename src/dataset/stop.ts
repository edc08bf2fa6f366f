import { AbortError } from '../errors.js';

/** Joins what may end a run early: the caller's signal, a time budget, and a caller who wants no more items. */
export class Stop {
  private readonly controller = new AbortController();
  private readonly timer: ReturnType<typeof setTimeout> | undefined;
  private readonly onAbort = () => this.end('The dataset was aborted');
  private why: string | null = null;
  /** Items handed out so far, for messages. */
  done = 0;

  constructor(
    private readonly from: AbortSignal | undefined,
    timeBudget: number | undefined,
  ) {
    if (from?.aborted) this.onAbort();
    from?.addEventListener('abort', this.onAbort);
    if (timeBudget !== undefined) {
      this.timer = setTimeout(() => this.end(`The time budget of ${timeBudget} ms ran out`), timeBudget);
    }
  }

  /** Fires when the run has to end. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** True when the run was stopped from outside. */
  get stopped(): boolean {
    return this.why !== null;
  }

  /** @throws AbortError when the run was stopped. */
  check(): void {
    if (this.why !== null) throw this.error();
  }

  /** What to throw. */
  error(): AbortError {
    return new AbortError(`${this.why ?? 'The dataset was left'} after ${this.done} items. Nothing is left behind.`);
  }

  /**
   * Waits for something, but not beyond the end of the run.
   *
   * @param late Called with what still comes after that.
   * @throws AbortError when the run is stopped first.
   */
  async orStopped<T>(pending: Promise<T>, late: (value: T) => void): Promise<T> {
    const { signal } = this.controller;
    let abandon: () => void = () => {};
    const stopped = new Promise<never>((_, reject) => {
      abandon = () => {
        pending.then(late, () => {});
        reject(this.error());
      };
    });
    signal.addEventListener('abort', abandon);
    try {
      return await Promise.race([pending, stopped]);
    } finally {
      signal.removeEventListener('abort', abandon);
    }
  }

  /** Ends whatever still runs, and lets go of the caller's signal. */
  close(): void {
    clearTimeout(this.timer);
    this.from?.removeEventListener('abort', this.onAbort);
    this.controller.abort();
  }

  private end(why: string): void {
    this.why ??= why;
    this.controller.abort();
  }
}
