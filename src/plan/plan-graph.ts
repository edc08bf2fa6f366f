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
  /** True where the step loses nothing, though it could: all that it loses are zeros, which no reader gives anything. */
  readonly keepsAll: boolean;
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
      const body = planGraph(step.body, rules, signs, bias, derived);
      return { ...NOT_LINEAR, node, rule, body };
    }
    if (rule.kind === 'flow' || step.kind !== 'linear') return { ...NOT_LINEAR, node, rule };
    const input: Sign = node.inputs.every((edge) => signs.get(edge) === 'nonnegative') ? 'nonnegative' : 'any';
    const facts = { input, bias: biasOf(rule), silence: NO_SILENCE, rectified: false };
    const known = silence.get(node.output) ?? NO_SILENCE;
    const rectified = known.belowZero ? rectifiedBy(rule, readers.get(node.output) ?? []) : null;
    const programs = {
      general: compileLinear(rule, step, facts),
      lean: compileLinear(rule, step, { ...facts, silence: known, rectified: rectified !== null }),
    };
    return { ...NOT_LINEAR, node, rule, programs, rectified };
  });
  const planned = new Map(nodes.map((one) => [one.node.id, one]));
  const keepsAll = ({ rule, node: { step, output } }: PlannedNode): boolean => {
    if (step.kind !== 'relabel' || !step.losesOnlyZeros || rule.name !== 'move') return false;
    if (graph.outputs.includes(output)) return false;
    return (readers.get(output) ?? []).every((reader) => isProportional(planned.get(reader.id)));
  };
  return { graph, nodes: nodes.map((one) => ({ ...one, keepsAll: keepsAll(one) })), derived };
}

/** What is known of a step that shares by no linear rule. */
const NOT_LINEAR = { programs: null, rectified: null, body: null, keepsAll: false };

/** Whether a step gives each input a multiple of its value: nothing to a zero. */
function isProportional(reader: PlannedNode | undefined): boolean {
  // The lean program reads the same parts of the inputs.
  const program = reader?.programs?.general;
  if (!program || program.bias === 'distribute' || program.bias === 'distribute-all') return false;
  return program.shares.every(({ terms }) => terms.every(({ input }) => input !== 'one' && typeof input === 'string'));
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
