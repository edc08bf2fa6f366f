import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Explanation, Tidiable } from './explanation/explanation.js';
import { type AsyncOptions, Plan, type TargetsOptions } from './explanation/plan.js';
import type { RulesInput } from './plan/parse-rules.js';
import { type PlanOptions, splitOptions } from './plan/plan-options.js';
import type { Input } from './propagate/inputs.js';
import type { PropagateOptions } from './propagate/run.js';
import type { Target } from './propagate/target.js';

/** Options of {@link explain}. */
export interface ExplainOptions extends PlanOptions, PropagateOptions {}

/** Options of {@link explainAsync}. */
export interface ExplainAsyncOptions extends PlanOptions, AsyncOptions {}

/**
 * Decides how a model is explained, for use with many inputs. The plan is the caller's to dispose.
 *
 * @param model Any tfjs `LayersModel`: Sequential or functional, nested, with shared layers, several inputs and outputs.
 * @param rules A preset's name, a rule, a composite, a `Map` or record of rules, or a function; by default chosen from
 *   the model.
 * @throws PlanError listing every layer and rule that does not work out; no tensor has been made then.
 */
export function plan(model: LayersModel, rules?: RulesInput, options: PlanOptions = {}): Plan {
  return new Plan(model, rules, options);
}

/**
 * Explains a prediction by layer-wise relevance propagation: how much each input element, and each unit of every layer,
 * speaks for the explained score. Synchronous, as `model.predict` is.
 *
 * @param input A tensor, a list, or a record by input name; with or without the batch axis.
 * @returns Relevance in the unit of the score (the logit where a softmax or sigmoid was set aside); the caller's to
 *   dispose.
 * @throws PlanError, InputError, TargetError, RuleError, MatchError.
 * @see Bach et al. 2015, "On pixel-wise explanations for non-linear classifier decisions by layer-wise relevance
 *   propagation".
 */
export function explain(
  model: LayersModel,
  input: Input,
  rules?: RulesInput,
  options: ExplainOptions = {},
): Explanation & Tidiable {
  const [planOptions, others] = splitOptions(options);
  const made = plan(model, rules, planOptions);
  try {
    return made.explain(input, others);
  } finally {
    made.dispose();
  }
}

/** Options of {@link explainTargets}. */
export interface ExplainTargetsOptions extends PlanOptions, TargetsOptions {}

/**
 * Explains several targets of one input at once, such as the three likeliest classes, for the price of one way forward
 * and a way back for each.
 *
 * @param targets As the option `target` of {@link explain}, one explanation each: `[3, 5]` explains classes 3 and 5.
 * @returns One explanation per target; each the caller's to dispose.
 * @throws PlanError, InputError, TargetError, RuleError, MatchError.
 */
export function explainTargets(
  model: LayersModel,
  input: Input,
  targets: readonly Target[],
  rules?: RulesInput,
  options: ExplainTargetsOptions = {},
): (Explanation & Tidiable)[] {
  const [planOptions, others] = splitOptions(options);
  const made = plan(model, rules, planOptions);
  try {
    return made.explainTargets(input, targets, others);
  } finally {
    made.dispose();
  }
}

/**
 * As {@link explain}, with the same result; gives way to the event loop between steps, reports progress, can be aborted
 * and given a time budget.
 *
 * @throws AbortError besides what {@link explain} throws.
 */
export async function explainAsync(
  model: LayersModel,
  input: Input,
  rules?: RulesInput,
  options: ExplainAsyncOptions = {},
): Promise<Explanation> {
  const [planOptions, others] = splitOptions(options);
  const made = plan(model, rules, planOptions);
  try {
    return await made.explainAsync(input, others);
  } finally {
    made.dispose();
  }
}
