// What goes from thread to thread: only what the structured clone keeps, which of errors is not the class.
import {
  AbortError,
  DisposedError,
  type ErrorCode,
  type ErrorPlace,
  InputError,
  LrpError,
  MatchError,
  NumericsError,
  PlanError,
  type PlanOptions,
  type PlanProblem,
  type RulesInput,
  type StartValue,
  type Target,
  type UnitIndex,
} from '../../index.js';
import type { NodeBackend } from '../backend.js';

/** What a worker is told when it starts. */
export interface Setting {
  readonly model: string;
  readonly backend: NodeBackend;
  /** URL of a module. */
  readonly setup: string | null;
  readonly rules: RulesInput | undefined;
  readonly planOptions: Omit<PlanOptions, 'registry'>;
}

/** A batch to be explained. */
export interface Job {
  /** As the source gave them, tensors read. */
  readonly items: readonly unknown[];
  readonly firstIndex: number;
  readonly units: readonly (number | UnitIndex)[] | null;
  readonly target: Target | undefined;
  readonly start: StartValue | undefined;
  readonly check: boolean;
  readonly onError: 'throw' | 'report';
}

/** An error as data. */
export interface WireError {
  readonly code: ErrorCode | null;
  readonly name: string;
  readonly message: string;
  readonly place: ErrorPlace;
  readonly problems: readonly PlanProblem[];
}

/** What became of an item. */
export type WireAnswer =
  | { readonly index: number; readonly value: unknown }
  | { readonly index: number; readonly cause: WireError };

/** What a worker answers: the items' answers, or what is wrong with all of them. */
export type Reply = { readonly answers: readonly WireAnswer[] } | { readonly failure: WireError };

/** Takes an error apart. */
export function packError(error: unknown): WireError {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  const own = error instanceof LrpError ? error : null;
  const problems = error instanceof PlanError ? error.problems : [];
  return { code: own?.code ?? null, name, message, place: own?.place ?? {}, problems };
}

/** Puts an error together again, of the class it was. */
export function unpackError({ code, name, message, place, problems }: WireError): Error {
  switch (code) {
    case null:
      return Object.assign(new Error(message), { name });
    case 'plan':
      return new PlanError(problems);
    case 'input':
      return new InputError(message);
    case 'numerics':
      return new NumericsError(message, place);
    case 'match':
      return new MatchError(message);
    case 'disposed':
      return new DisposedError(message);
    case 'aborted':
      return new AbortError(message);
    default:
      return named(name, new LrpError(code, message, place));
  }
}

function named(name: string, error: LrpError): LrpError {
  error.name = name;
  return error;
}
