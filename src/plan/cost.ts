import { formatAddress } from '../address.js';
import { formatRule } from '../rules/rule.js';
import type { StepNode } from '../steps/graph.js';
import type { Shape } from '../tensors/shape.js';
import { passesOf } from './passes.js';
import type { PlannedNode } from './plan-graph.js';
import type { EdgeShapes } from './shapes.js';

/** What a step costs in multiply-adds: one pass over its kernel, and how many passes there are. */
export interface StepCost {
  /** Address of the step. */
  readonly address: string;
  /** Name of the step. */
  readonly step: string;
  /** The rule with its parameters. */
  readonly rule: string;
  /** Multiply-adds of one pass, over all time steps where the step is repeated; null where a size is open. */
  readonly multiplyAdds: number | null;
  /** Passes forward besides the one that predicts: for denominators. */
  readonly forward: number;
  /** Passes from outputs to inputs. */
  readonly adjoint: number;
}

/** The steps that multiply, bodies of scans included. */
export function stepCosts(nodes: readonly PlannedNode[], shapes: EdgeShapes, times = 1): StepCost[] {
  return nodes.flatMap((planned): StepCost[] => {
    const { node, body } = planned;
    const own = costOf(planned, shapes, times);
    if (!body) return own;
    const steps = shapes.get(node.inputs[0] ?? -1)?.[1] ?? 1;
    // The states before each time step are on record; the steps themselves run once more on the way back.
    const repeated = stepCosts(body.nodes, shapes, times * steps);
    return [...own, ...repeated.map((cost) => ({ ...cost, forward: cost.forward + 1 }))];
  });
}

function costOf({ node, rule, programs }: PlannedNode, shapes: EdgeShapes, times: number): StepCost[] {
  const place = { address: formatAddress(node.address), step: node.step.name, rule: formatRule(rule) };
  const inputs = node.inputs.map((edge) => shapes.get(edge));
  const known = inputs.every((shape) => shape !== undefined) ? inputs : null;
  if (!multiplies(node)) return [];
  const once = known && onePass(node, known);
  const multiplyAdds = once === null ? null : once * times;
  if (!programs)
    return [{ ...place, multiplyAdds, forward: 0, adjoint: rule.name === 'stop' ? 0 : node.inputs.length }];
  return [{ ...place, multiplyAdds, ...passesOf(programs.lean, once ?? Number.POSITIVE_INFINITY) }];
}

/** True for steps that multiply by weights, or matrices by each other. */
function multiplies({ step }: StepNode): boolean {
  if (step.kind === 'linear') return step.kernel !== null && step.diagonal !== true;
  return step.kind === 'bilinear' && step.multiplyAdds !== undefined;
}

function onePass({ step }: StepNode, inputs: readonly Shape[]): number | null {
  if (step.kind === 'linear') return step.kernel && step.map.multiplyAdds(inputs, step.kernel.shape);
  return step.kind === 'bilinear' ? (step.multiplyAdds?.(inputs) ?? null) : null;
}
