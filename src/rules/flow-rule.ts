import type { Tensor } from '@tensorflow/tfjs-core';
import { InternalError } from '../errors.js';
import type { Step, StepKind } from '../steps/step.js';
import type { Flow, FlowRule } from './rule.js';

/** What {@link flowRule} needs beyond the name. Everything but `on` and `redistribute` has a default. */
export interface FlowRuleOptions<K extends StepKind> extends Partial<Pick<FlowRule, 'params' | 'needs' | 'silence'>> {
  /** The step kinds it serves; they type what the functions see. */
  readonly on: readonly K[] | 'any';
  /** Why the rule cannot serve a step although its kind fits; null when it can. */
  readonly refuses?: (step: Extract<Step, { kind: K }>) => string | null;
  /** What each input earns, in its shape; null for nothing at all. */
  readonly redistribute: (flow: Flow<K>) => (Tensor | null)[];
}

/** A rule of one's own, as a function, for what terms cannot say. */
export function flowRule<K extends StepKind>(name: string, options: FlowRuleOptions<K>): FlowRule {
  const { on, refuses, redistribute } = options;
  return Object.freeze({
    kind: 'flow' as const,
    name,
    on,
    params: options.params ?? {},
    needs: options.needs ?? { inputs: false, output: false },
    silence: options.silence ?? 'none',
    refuses: (step: Step) => (refuses && isServed(step, on) ? refuses(step) : null),
    redistribute: (flow: Flow) => {
      if (isServedFlow(flow, on)) return redistribute(flow);
      throw new InternalError(`rule "${name}" was handed a step of kind ${flow.step.kind}`, { rule: name });
    },
  });
}

type Kinds<K> = readonly K[] | 'any';

function isServed<K extends StepKind>(step: Step, on: Kinds<K>): step is Extract<Step, { kind: K }> {
  return on === 'any' || on.some((kind) => kind === step.kind);
}

function isServedFlow<K extends StepKind>(flow: Flow, on: Kinds<K>): flow is Flow & Flow<K> {
  return isServed(flow.step, on);
}
