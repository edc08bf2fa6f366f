import { formatAddress } from '../address.js';
import type { Tap } from '../canonize/rewrite.js';
import { MatchError } from '../errors.js';
import { listNames, nearestNames } from '../names.js';
import { withPlannedBodies } from '../plan/plan-graph.js';
import type { PlannedModel } from '../plan/plan-model.js';
import type { CallTaps } from '../plan/taps.js';
import type { EdgeId } from '../steps/graph.js';
import type { Wanted } from './backward.js';

/**
 * Which relevance survives besides that of the inputs: all layers' (`layers`), none (`inputs`), all layers' and that of
 * every step inside them (`steps`), or what is named: layers by name or address, steps by address (`lstm_1:candidate`).
 *
 * The relevance of a step is that at its output; over all time steps, `[batch, time, ...]`, where a recurrent layer or
 * TimeDistributed repeats it. That keeps as many numbers per time step as the layer has, so it has to be asked for.
 */
export type Keep = 'layers' | 'inputs' | 'steps' | readonly string[];

/** A step whose relevance is kept. */
export interface KeptStep {
  /** `lstm_1:candidate`. */
  readonly address: string;
  /** Class of the layer. */
  readonly layerType: string;
  /** The step's output. */
  readonly edge: EdgeId;
}

/** What is kept, and the places that makes necessary. */
export interface Kept {
  readonly calls: readonly CallTaps[];
  readonly steps: readonly KeptStep[];
  readonly wanted: Wanted;
}

/**
 * The layer calls and steps to keep.
 *
 * @throws MatchError when the model has none of a name.
 */
export function wantedOf(plan: PlannedModel, keep: Keep): Kept {
  checkKeep(keep);
  const { calls, steps } = typeof keep === 'string' ? keptKind(plan, keep) : keptNames(plan, keep);
  const edges = new Set<EdgeId>(plan.graph.inputs);
  const nodes = new Set<number>();
  const want = (tap: Tap) => ('edge' in tap ? edges.add(tap.edge) : nodes.add(tap.node));
  for (const { inputs, outputs } of calls) {
    for (const taps of inputs) taps.forEach(want);
    outputs.forEach(want);
  }
  for (const { edge } of steps) edges.add(edge);
  return { calls, steps, wanted: { edges, nodes } };
}

/** Whether a layer call goes by a name: that of its layer, or its address, where any `#0` may be written out. */
export function namedBy(name: string): (taps: CallTaps) => boolean {
  const address = name.replace(/#0(?=\/|$)/g, '');
  return ({ call }) => call.layer.name === name || formatAddress(call.address) === address;
}

function keptKind(plan: PlannedModel, keep: Exclude<Keep, readonly string[]>): Omit<Kept, 'wanted'> {
  return { calls: keep === 'inputs' ? [] : plan.calls, steps: keep === 'steps' ? stepsOf(plan) : [] };
}

const KINDS = ['layers', 'inputs', 'steps'];

/** @throws MatchError for what is neither a kind nor a list of names. */
function checkKeep(keep: Keep): void {
  if (Array.isArray(keep) || KINDS.includes(keep as string)) return; // a list of texts has no such text
  throw new MatchError(
    `keep should be 'layers', 'inputs', 'steps' or a list of names such as ['conv_1']; received ${JSON.stringify(keep)}.`,
  );
}

function keptNames(plan: PlannedModel, names: readonly string[]): Omit<Kept, 'wanted'> {
  const steps = names.some((name) => name.includes(':')) ? stepsOf(plan) : [];
  for (const name of names) {
    if (plan.calls.some(namedBy(name)) || steps.some(stepNamedBy(name))) continue;
    const known = [...plan.calls.map(({ call }) => formatAddress(call.address)), ...steps.map((step) => step.address)];
    const what = name.includes(':') ? 'a step' : 'a layer';
    throw new MatchError(
      `keep names ${what} the model does not have: "${name}". Nearest: ${listNames(nearestNames(name, known))}.`,
    );
  }
  return {
    calls: plan.calls.filter((call) => names.some((name) => namedBy(name)(call))),
    steps: steps.filter((step) => names.some((name) => stepNamedBy(name)(step))),
  };
}

/** The steps that have a name inside their layer, but for scans, whose record is none of the layer's values. */
function stepsOf(plan: PlannedModel): KeptStep[] {
  const classes = new Map(plan.calls.map(({ call }) => [formatAddress(call.address), call.className]));
  return withPlannedBodies(plan.nodes).flatMap(({ node }) => {
    const { role, ...call } = node.address;
    if (role === undefined || node.step.kind === 'scan') return [];
    const layerType = classes.get(formatAddress(call)) ?? '';
    return [{ address: formatAddress(node.address), layerType, edge: node.output }];
  });
}

function stepNamedBy(name: string): (step: KeptStep) => boolean {
  const address = name.replace(/#0(?=[/:]|$)/g, '');
  return (step) => step.address === address;
}
