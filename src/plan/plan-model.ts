import type { LayersModel } from '@tensorflow/tfjs-layers';
import { formatAddress } from '../address.js';
import { canonize } from '../canonize/canonize.js';
import type { Composite } from '../composites/composite.js';
import { PlanError, type PlanProblem } from '../errors.js';
import { type Port, trace } from '../graph/trace.js';
import { defaultRegistry } from '../layers/default-registry.js';
import { type EdgeId, withBodies } from '../steps/graph.js';
import type { Sign } from '../steps/step.js';
import { DerivedTensors } from '../tensors/derived.js';
import type { SymbolicShape } from '../tensors/shape.js';
import { approximated } from './approximate.js';
import { assign } from './assign.js';
import { chooseRules } from './choose-rules.js';
import { signsOf } from './facts.js';
import { type LoweredCall, lower } from './lower.js';
import { parseRules, type RulesInput } from './parse-rules.js';
import { type PlanCall, planCalls } from './plan-calls.js';
import { type PlannedGraph, planGraph } from './plan-graph.js';
import { optionProblems, type PlanOptions } from './plan-options.js';
import { type PlanRow, planRows } from './rows.js';
import { describeSteps, type StepInfo } from './steps-of-model.js';
import { type CallTaps, tapsOf } from './taps.js';
import { findWarnings } from './warnings.js';

/** An output of the model with the link function that was set aside, if any. */
export interface OutputPort extends Port {
  readonly link: string | null;
}

/** All that is decided before an input is seen. */
export interface PlannedModel extends PlannedGraph {
  readonly modelName: string;
  readonly composite: Composite;
  /** Why these rules, when the user named none. */
  readonly chosen: string | null;
  readonly calls: readonly CallTaps[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly OutputPort[];
  readonly rows: readonly PlanRow[];
  readonly warnings: readonly string[];
  readonly graphOfCalls: readonly PlanCall[];
  /** Shapes of the layers' outputs, as the layers state them. */
  readonly stated: ReadonlyMap<EdgeId, SymbolicShape>;
  /** Shapes of the model's own weights. */
  readonly weightShapes: readonly (readonly number[])[];
}

/**
 * Traces, lowers, canonizes and assigns. No tensor is made.
 *
 * @throws PlanError with every problem found.
 */
export function planModel(model: LayersModel, rules: RulesInput | undefined, options: PlanOptions = {}): PlannedModel {
  stopOn(optionProblems(options));
  const asked = rules === undefined ? null : parseRules(rules);
  const traced = trace(model);
  const { registry, problems } = approximated(options.registry ?? defaultRegistry, options.approximate);
  const lowered = lower(traced, registry);
  stopOn([...lowered.problems, ...problems()]);
  const state = canonize(lowered.graph, options.canonize);
  const steps = describeSteps(state, lowered.calls);
  const chosen = asked ? null : chooseRules(steps);
  const composite = asked ?? chosen?.composite ?? parseRules('epsilon');
  const assignment = assign(composite, steps, namesWithoutSteps(lowered.calls, steps));
  const remarks = composite.remarks?.(viewOf(steps)) ?? [];
  stopOn([...assignment.problems, ...remarks.filter((remark) => remark.level === 'error')]);
  const inputSign: Sign = options.inputRange && options.inputRange[0] >= 0 ? 'nonnegative' : 'any';
  const signs = signsOf(
    state.graph,
    traced.inputs.map(() => inputSign),
  );
  const warnings = findWarnings(steps, assignment.rules, signs);
  const lowNodes = withBodies(lowered.graph.nodes);
  const bias = options.bias ?? 'absorb';
  return {
    modelName: traced.modelName,
    composite,
    chosen: chosen?.why ?? null,
    ...planGraph(state.graph, assignment.rules, signs, bias, new DerivedTensors()),
    calls: tapsOf(lowered.calls, lowNodes, state),
    inputs: traced.inputs,
    outputs: traced.outputs.map((output, index) => ({
      ...output,
      edge: state.graph.outputs[index] ?? output.edge,
      link: state.links[index] ?? null,
    })),
    rows: planRows(lowered.calls, lowNodes, state, assignment.rules, warnings.byNode),
    graphOfCalls: planCalls(traced.calls),
    stated: statedShapes(lowered.calls),
    weightShapes: model.weights.map(({ shape }) => shape.map((size) => size ?? 1)),
    warnings: [...remarks.map((remark) => remark.message), ...warnings.general],
  };
}

function statedShapes(calls: readonly LoweredCall[]): Map<EdgeId, SymbolicShape> {
  return new Map(
    calls.flatMap(({ call, outputs }) =>
      outputs.map((edge, index): [EdgeId, SymbolicShape] => [edge, call.outputShapes[index] ?? []]),
    ),
  );
}

/** Names, addresses and classes of the layers that rewriting has left without steps. */
function namesWithoutSteps(calls: readonly LoweredCall[], steps: readonly StepInfo[]): string[] {
  const left = new Set(steps.map((step) => step.call));
  return calls
    .filter(({ call, nodes }) => nodes.length > 0 && !left.has(call))
    .flatMap(({ call }) => [call.layer.name, formatAddress(call.address), call.className]);
}

function viewOf(steps: readonly StepInfo[]) {
  const nonlinear = steps
    .map(({ node }) => node.step)
    .filter((step) => step.kind === 'elementwise' || step.kind === 'softmax' || step.kind === 'normalize');
  const dead = nonlinear.filter((step) => step.kind === 'elementwise' && step.deadBelowZero === true);
  return { activations: nonlinear.map((step) => step.name), deadBelowZero: dead.map((step) => step.name) };
}

function stopOn(problems: readonly PlanProblem[]): void {
  if (problems.length > 0) throw new PlanError(problems);
}
