import { formatAddress } from '../address.js';
import { InternalError } from '../errors.js';
import type { BiasMode, Needs, Rule } from '../rules/rule.js';
import type { StepGraph, StepNode } from '../steps/graph.js';
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
  const nodes = graph.nodes.map((node): PlannedNode => {
    const rule = ruleOf(node);
    const { step } = node;
    if (step.kind === 'scan' && rule.name !== 'stop') {
      return { node, rule, programs: null, body: planGraph(step.body, rules, signs, bias, derived) };
    }
    if (rule.kind === 'flow' || step.kind !== 'linear') return { node, rule, programs: null, body: null };
    const input: Sign = node.inputs.every((edge) => signs.get(edge) === 'nonnegative') ? 'nonnegative' : 'any';
    const facts = { input, bias: biasOf(rule), silence: NO_SILENCE };
    const programs = {
      general: compileLinear(rule, step, facts),
      lean: compileLinear(rule, step, { ...facts, silence: silence.get(node.output) ?? NO_SILENCE }),
    };
    return { node, rule, programs, body: null };
  });
  return { graph, nodes, derived };
}

/** Nodes and, after each scan, those of its body, to any depth. */
export function withPlannedBodies(nodes: readonly PlannedNode[]): PlannedNode[] {
  return nodes.flatMap((node) => (node.body ? [node, ...withPlannedBodies(node.body.nodes)] : [node]));
}

/** What the forward pass must capture for a step. */
export function needsOf({ programs, rule }: PlannedNode, lean: boolean): Needs {
  if (programs) return (lean ? programs.lean : programs.general).needs;
  return rule.kind === 'flow' ? rule.needs : { inputs: true, output: true };
}
