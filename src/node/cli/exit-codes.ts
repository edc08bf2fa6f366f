import { LrpError } from '../../index.js';

/** What the exit code of the command line means. */
export const EXIT = {
  done: 0,
  /** `check` found the ledger open, or an adapter that departs from its layer. */
  open: 1,
  /** An unknown command or option, or a value that makes no sense. */
  usage: 2,
  /** A model, input or setting could not be read, or does not fit. */
  input: 3,
  /** The model cannot be explained as asked. */
  plan: 4,
  /** NaN or infinity appeared. */
  numerics: 5,
  /** A bug. */
  internal: 70,
  /** Interrupted, or out of time. */
  aborted: 130,
} as const;

/** An exit code. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The code of an error. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof LrpError)) return EXIT.internal;
  switch (error.code) {
    case 'input':
      return EXIT.input;
    case 'plan':
    case 'rule':
    case 'match':
    case 'target':
      return EXIT.plan;
    case 'numerics':
      return EXIT.numerics;
    case 'aborted':
      return EXIT.aborted;
    default:
      return EXIT.internal;
  }
}
