import { formatAddress } from '../address.js';
import { InternalError } from '../errors.js';
import type { BiasMode, LinearRule, Needs, Rule } from '../rules/rule.js';
import { consumersOf, type EdgeId, type StepGraph, type StepNode } from '../steps/graph.js';
import type { Sign } from '../steps/step.js';
import type { DerivedTensors } from '../tensors/derived.js';
import type { Assigned } from './assign.js';
import type { Signs } from './facts.js';
import { compileLinear, type LinearProgram } from './program.js';
import { NO_SILENCE, silenceOf } from './silence.js';

/** A step ready to run: its rule, made for it. */
export interface PlannedNode {
  readonly node: StepNode;
  readonly rule: Rule;
  /** A linear rule compiled for this step; `lean` uses that silent units of the scores start with nothing. */
  readonly programs: { readonly general: LinearProgram; readonly lean: LinearProgram } | null;
  /**
   * Where the lean program reads its pre-activation: the output of a ReLU behind the step, if that is all that reads it
   * and no relevance is where it differs. It is kept for the next step anyway.
   */
  readonly rectified: EdgeId | null;
  /** The body of a scan, planned likewise; null for other steps, and where the scan as a whole is stopped. */
  readonly body: PlannedGraph | null;
}

/** A graph ready to run. The derived kernels are shared by all graphs of a plan. */
export interface PlannedGraph {
  readonly graph: StepGraph;
  readonly nodes: readonly PlannedNode[];
  readonly derived: DerivedTensors;
}

/** Makes every rule ready for its step, bodies of scans included. */
export function planGraph(
  graph: StepGraph,
  rules: ReadonlyMap<number, Assigned>,
  signs: Signs,
  bias: BiasMode,
  derived: DerivedTensors,
): PlannedGraph {
  const ruleOf = (node: StepNode): Rule => {
    const assigned = rules.get(node.id);
    if (!assigned) throw new InternalError(`no rule for ${formatAddress(node.address)}`);
    return assigned.rule;
  };
  const biasOf = (rule: Rule): BiasMode => (rule.kind === 'shares' && rule.bias) || bias;
  const silence = silenceOf(graph, (node) => ({ rule: ruleOf(node), bias: biasOf(ruleOf(node)) }));
  const readers = consumersOf(graph);
  const nodes = graph.nodes.map((node): PlannedNode => {
    const rule = ruleOf(node);
    const { step } = node;
    if (step.kind === 'scan' && rule.name !== 'stop') {
      return { node, rule, programs: null, rectified: null, body: planGraph(step.body, rules, signs, bias, derived) };
    }
    if (rule.kind === 'flow' || step.kind !== 'linear')
      return { node, rule, programs: null, rectified: null, body: null };
    const input: Sign = node.inputs.every((edge) => signs.get(edge) === 'nonnegative') ? 'nonnegative' : 'any';
    const facts = { input, bias: biasOf(rule), silence: NO_SILENCE, rectified: false };
    const known = silence.get(node.output) ?? NO_SILENCE;
    const rectified = known.belowZero ? rectifiedBy(rule, readers.get(node.output) ?? []) : null;
    const programs = {
      general: compileLinear(rule, step, facts),
      lean: compileLinear(rule, step, { ...facts, silence: known, rectified: rectified !== null }),
    };
    return { node, rule, programs, rectified, body: null };
  });
  return { graph, nodes, derived };
}

/** The output of the ReLU that is the only reader of a step; null where the rule looks at all of the pre-activation. */
function rectifiedBy(rule: LinearRule, [reader, ...others]: readonly StepNode[]): EdgeId | null {
  if (!reader || others.length > 0 || reader.step.kind !== 'elementwise') return null;
  const isRelu = reader.step.deadBelowZero === true && reader.step.keepsPositive === true;
  return isRelu && rule.stabilizer.mode !== 'relative' ? reader.output : null;
}

/** Nodes and, after each scan, those of its body, to any depth. */
export function withPlannedBodies(nodes: readonly PlannedNode[]): PlannedNode[] {
  return nodes.flatMap((node) => (node.body ? [node, ...withPlannedBodies(node.body.nodes)] : [node]));
}

/** The edge whose value a step needs as its output, or null where it needs none. */
export function outputCaptured(planned: PlannedNode, lean: boolean): EdgeId | null {
  if (!needsOf(planned, lean).output) return null;
  return lean && planned.rectified !== null ? planned.rectified : planned.node.output;
}

/** What the forward pass must capture for a step. */
export function needsOf({ programs, rule }: PlannedNode, lean: boolean): Needs {
  if (programs) return (lean ? programs.lean : programs.general).needs;
  return rule.kind === 'flow' ? rule.needs : { inputs: true, output: true };
}
