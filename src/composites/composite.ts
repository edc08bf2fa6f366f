import type { Layer, LayerCall } from '../graph/call.js';
import type { LayerClass } from '../layers/adapter.js';
import type { Rule } from '../rules/rule.js';

/**
 * Conditions on a step; all that are given must hold.
 *
 * Positions count the weighted linear steps (Dense, convolutions, ... but not batch normalization), restricted to the
 * classes in `className` when that is given: `{position: 'first', className: CONVOLUTIONS}` are the convolutions that no
 * other convolution comes before.
 */
export interface Where {
  /** Name or address of a layer, or of a nested model: all its layers. */
  readonly name?: string;
  /** Class name, or several. */
  readonly className?: string | readonly string[];
  /** Part of the layer: `activation`, `depthwise`, `gate` ... */
  readonly role?: string;
  /** `first`: no weighted linear step comes before on any path; `last`: none comes after. */
  readonly position?: 'first' | 'last';
  /** From which to which weighted linear step, counted from the input, both included: `[0, 2]`. */
  readonly range?: readonly [from: number, to: number];
  /** The first `n` weighted linear steps, counted from the input. */
  readonly firstN?: number;
  /** Only steps with a kernel of their own that mix inputs (true), or only sums, averages and the like (false). */
  readonly weighted?: boolean;
  /** Only steps that are repeated over time, inside recurrent layers and TimeDistributed (true), or only the others. */
  readonly repeated?: boolean;
  /** Only linear steps whose output goes through a ReLU (true), or only the others (false). */
  readonly beforeRelu?: boolean;
  /** Only products whose operand of this index, and no other one, is the output of a softmax: weights of attention. */
  readonly softmaxOperand?: number;
}

/**
 * What a rule is meant for: a layer class, a layer, a text (`first`, `last`, `:role`, the name or address of a layer or nested
 * model, or a class name), a pattern on the address, conditions, or a predicate of the layer call.
 */
export type Match = LayerClass | Layer | string | RegExp | Where | ((call: LayerCall) => boolean);

/** A rule and what it is meant for. It concerns only the steps of the kinds its rule serves. */
export interface CompositeEntry {
  /** The steps it is meant for. */
  readonly match: Match;
  /** How they share their relevance. */
  readonly rule: Rule;
  /** True when it is fine that nothing matches, as for the entries of a preset. */
  readonly optional?: boolean;
}

/** What a composite says of the model it is used on. */
export interface CompositeRemark {
  /** An error stops the plan. */
  readonly level: 'error' | 'warning';
  /** What is the matter and what to do, in full sentences. */
  readonly message: string;
}

/** What a composite may ask about the model before it is used. */
export interface ModelView {
  /**
   * Names of the activations of the model (`relu`, `tanh`), softmax and normalizations included, without the one set aside
   * at the output.
   */
  readonly activations: readonly string[];
  /** Which of them are 0 for every input that is not positive. */
  readonly deadBelowZero: readonly string[];
}

/** A list of rules with what they are meant for; the first entry that matches a step wins. */
export interface Composite {
  /** As the plan prints it. */
  readonly name: string;
  /** Tried in order; the first that matches a step wins. */
  readonly entries: readonly CompositeEntry[];
  /** Asked first, once per layer call; where it answers nothing the entries decide. */
  readonly ruleOf?: (call: LayerCall) => Rule | undefined;
  /** `positive`: negative start values are taken as zero, as deep Taylor asks. */
  readonly seed?: 'positive';
  /** Remarks on the model, such as "meant for ReLU networks". */
  readonly remarks?: (model: ModelView) => readonly CompositeRemark[];
}

/** A composite of one's own. Entries are tried in order; the first that matches wins. */
export function composite(
  name: string,
  entries: readonly CompositeEntry[],
  options: Omit<Composite, 'name' | 'entries'> = {},
): Composite {
  return Object.freeze({ name, entries: Object.freeze([...entries]), ...options });
}

/**
 * Several composites as one: entries of the earlier ones win, after the functions (`ruleOf`) of all. `extend` a preset by putting your own entries first:
 * `combine(composite('mine', [{match: 'conv_1', rule: flat()}]), epsilonPlus())`.
 */
export function combine(...parts: readonly Composite[]): Composite {
  const remarks = parts.flatMap((part) => (part.remarks ? [part.remarks] : []));
  const seed = parts.find((part) => part.seed)?.seed;
  const asked = parts.flatMap((part) => (part.ruleOf ? [part.ruleOf] : []));
  return composite(
    parts.map((part) => part.name).join(' + '),
    parts.flatMap((part) => part.entries),
    {
      ...(seed ? { seed } : {}),
      ...(asked.length > 0 ? { ruleOf: (call) => firstAnswer(asked, call) } : {}),
      ...(remarks.length > 0 ? { remarks: (model) => remarks.flatMap((remark) => remark(model)) } : {}),
    },
  );
}

function firstAnswer(asked: readonly NonNullable<Composite['ruleOf']>[], call: LayerCall): Rule | undefined {
  for (const ruleOf of asked) {
    const rule = ruleOf(call);
    if (rule) return rule;
  }
  return undefined;
}
