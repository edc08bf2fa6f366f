import Piscina from 'piscina';
import { InputError } from '../../index.js';
import { workerFile } from '../worker-file.js';
import type { Job, Reply, Setting } from './wire.js';

/** The worker ended before it answered. */
export class WorkerCrash extends Error {}

/** Threads that do jobs. A thread that ends is replaced. */
export class WorkerPool {
  private readonly pool: Piscina<Job, Reply>;
  /** Whether any thread has come as far as to run the worker's code. */
  private up = false;
  /** Rejects when no thread is left and none can be started: whoever waited for one would wait forever. */
  private readonly lost: Promise<never>;

  constructor(setting: Setting, workers: number, execArgv: readonly string[] | undefined) {
    const pool = new Piscina<Job, Reply>({
      filename: workerFile,
      minThreads: workers,
      maxThreads: workers,
      workerData: setting,
      ...(execArgv ? { execArgv: [...execArgv] } : {}),
    });
    this.pool = pool;
    pool.on('message', () => {
      this.up = true;
    });
    let last = 'they end before they are ready';
    // A thread that ends between two jobs is replaced, and nothing is lost.
    pool.on('error', (error: unknown) => {
      last = error instanceof Error ? error.message : String(error);
    });
    this.lost = new Promise((_, reject) => {
      // A thread that is replaced is gone for a moment only.
      const check = () => pool.threads.length === 0 && reject(notStarting(last));
      pool.on('workerDestroy', () => setImmediate(check));
    });
    this.lost.catch(() => {});
  }

  /**
   * @throws WorkerCrash when the thread ends before it answers.
   * @throws InputError when no thread can be started, and the pool's own error when the signal fires.
   */
  async run(job: Job, signal: AbortSignal): Promise<Reply> {
    const answer = this.pool.run(job, { signal }).catch((error: unknown) => {
      if (signal.aborted) throw error;
      const message = error instanceof Error ? error.message : String(error);
      throw this.up ? new WorkerCrash(message) : notStarting(message);
    });
    return Promise.race([answer, this.lost]);
  }

  /** Ends all threads, in the middle of their work if need be. */
  async destroy(): Promise<void> {
    await this.pool.destroy();
  }
}

function notStarting(why: string): InputError {
  return new InputError(`Worker threads do not start: ${why}`);
}
