import { LrpError } from '../errors.js';

/** One item of a dataset could not be explained. The others can: ask for `onError: 'report'` to go on without it. */
export class ItemError extends LrpError {
  /** Position of the item in the dataset, from 0. */
  readonly index: number;

  /** `code` and `place` are those of the cause; an error that is not the library's counts as one of the input. */
  constructor(index: number, cause: unknown) {
    const known = cause instanceof LrpError ? cause : null;
    super(
      known?.code ?? 'input',
      `Item ${index} of the dataset cannot be explained: ${messageOf(cause)}`,
      known?.place,
    );
    this.index = index;
    this.cause = cause;
  }
}

/**
 * True for an error that another item need not have. What is wrong with the plan, the rules, the names of layers or the
 * run as a whole is wrong for every item.
 */
export function concernsItem(error: unknown): boolean {
  if (!(error instanceof LrpError)) return true;
  return !['plan', 'rule', 'match', 'disposed', 'aborted'].includes(error.code);
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
