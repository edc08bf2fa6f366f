// The files of a case, as README.md describes them.

/** A tensor as flat numbers, last axis fastest. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** A tensor at a named model output. */
export interface OutputNumbers extends Numbers {
  readonly output: string;
}

/** A tensor to feed. */
export interface InputNumbers extends Numbers {
  readonly name: string;
  readonly dtype: 'float32' | 'int32' | 'bool';
}

/** A rule or a composite, with its parameters. */
export type Params = Readonly<Record<string, unknown>>;

export interface RuleSpec extends Params {
  readonly rule: string;
}

export interface CompositeSpec {
  readonly name: string;
  readonly params: Params;
}

/** What is explained at one output: an index, or a tuple of indices, per sample. */
export interface ExpectedTarget {
  readonly output: string;
  readonly index: 'all' | readonly number[] | readonly (readonly number[])[];
  readonly quantity: string;
}

/** Relevance at a layer call. */
interface LayerNumbers {
  readonly input: readonly Numbers[];
  readonly output: Numbers;
}

export interface Expectation {
  readonly name: string;
  readonly method: string;
  readonly params?: Params;
  readonly composite?: CompositeSpec;
  readonly rules?: Readonly<Record<string, RuleSpec>>;
  readonly merge_batchnorm?: boolean;
  readonly target: readonly ExpectedTarget[];
  readonly output_relevance: readonly OutputNumbers[];
  readonly relevance: Readonly<Record<string, Numbers>>;
  readonly relevance_sum: readonly number[];
  readonly layers?: Readonly<Record<string, LayerNumbers>>;
  /** The program the numbers come from. */
  readonly source?: string;
}

/** `expected.json`. */
export interface ExpectedFile {
  readonly forward: readonly OutputNumbers[];
  readonly forward_logits?: readonly OutputNumbers[];
  readonly expectations: readonly Expectation[];
}
