/** The kinds of trouble the library reports; `code` of every {@link LrpError}. */
export type ErrorCode =
  | 'plan'
  | 'input'
  | 'target'
  | 'numerics'
  | 'rule'
  | 'match'
  | 'disposed'
  | 'aborted'
  | 'internal';

/** Where an error belongs, as far as it is known. */
export interface ErrorPlace {
  /** Address of the layer call or step, as {@link Address} prints it. */
  readonly address?: string;
  /** Class name of the layer. */
  readonly layerType?: string;
  /** Name of the rule. */
  readonly rule?: string;
}

/**
 * Base of all errors thrown on purpose. The message says what is wrong, where, what was expected and received, and what
 * to type next; `code` and `place` say the same to programs.
 */
export class LrpError extends Error {
  /** The kind of trouble, for programs. */
  readonly code: ErrorCode;
  /** Where it belongs, as far as it is known. */
  readonly place: ErrorPlace;

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.place = place;
  }
}

/** One complaint of a {@link PlanError}. */
export interface PlanProblem extends ErrorPlace {
  /** What is wrong, where, and the remedy, in full sentences. */
  readonly message: string;
}

/** The model cannot be explained as asked; `problems` lists every reason at once. Thrown before any tensor is made. */
export class PlanError extends LrpError {
  /** Every reason, at once. */
  readonly problems: readonly PlanProblem[];

  constructor(problems: readonly PlanProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    const lines = problems.map((problem, index) => `  ${index + 1}. ${problem.message}`);
    super('plan', `The model cannot be explained as asked (${count}):\n${lines.join('\n')}`, problems[0]);
    this.problems = problems;
  }
}

/** The input does not fit the model: count, name, rank, shape or dtype. */
export class InputError extends LrpError {
  constructor(message: string) {
    super('input', message);
  }
}

/** The target names no unit of the model, or not one per sample. */
export class TargetError extends LrpError {
  constructor(message: string) {
    super('target', message);
  }
}

/** NaN or infinity appeared; the place is the first step where it did. */
export class NumericsError extends LrpError {
  constructor(message: string, place: ErrorPlace = {}) {
    super('numerics', message, place);
  }
}

/** A rule was built with parameters outside their range. */
export class RuleError extends LrpError {
  constructor(message: string, rule: string) {
    super('rule', message, { rule });
  }
}

/** A layer, address or name was asked for that does not exist, or that means two things. */
export class MatchError extends LrpError {
  constructor(message: string) {
    super('match', message);
  }
}

/** Something was used after `dispose()`. */
export class DisposedError extends LrpError {
  constructor(message: string) {
    super('disposed', message);
  }
}

/** The abort signal fired or the time budget ran out. Everything made so far has been disposed. */
export class AbortError extends LrpError {
  constructor(message: string) {
    super('aborted', message);
    this.name = 'AbortError';
  }
}

/** An invariant of the library itself broke: a bug of ours, not the caller's. */
export class InternalError extends LrpError {
  constructor(message: string, place: ErrorPlace = {}) {
    super('internal', `internal: ${message}`, place);
  }
}
