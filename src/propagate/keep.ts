import { formatAddress } from '../address.js';
import type { Tap } from '../canonize/rewrite.js';
import { MatchError } from '../errors.js';
import { listNames, nearestNames } from '../names.js';
import type { PlannedModel } from '../plan/plan-model.js';
import type { CallTaps } from '../plan/taps.js';
import type { EdgeId } from '../steps/graph.js';
import type { Wanted } from './backward.js';

/**
 * Which layers' relevance survives besides that of the inputs: all layers', none (`inputs`), or those named by layer name
 * or address.
 */
export type Keep = 'layers' | 'inputs' | readonly string[];

/** The layer calls to keep, and the places that makes necessary. */
export function wantedOf(
  plan: PlannedModel,
  keep: Keep,
): { readonly calls: readonly CallTaps[]; readonly wanted: Wanted } {
  const calls = keptCalls(plan, keep);
  const edges = new Set<EdgeId>(plan.graph.inputs);
  const nodes = new Set<number>();
  const want = (tap: Tap) => ('edge' in tap ? edges.add(tap.edge) : nodes.add(tap.node));
  for (const { inputs, outputs } of calls) {
    for (const taps of inputs) taps.forEach(want);
    outputs.forEach(want);
  }
  return { calls, wanted: { edges, nodes } };
}

/** Whether a layer call goes by a name: that of its layer, or its address, where any `#0` may be written out. */
export function namedBy(name: string): (taps: CallTaps) => boolean {
  const address = name.replace(/#0(?=\/|$)/g, '');
  return ({ call }) => call.layer.name === name || formatAddress(call.address) === address;
}

function keptCalls(plan: PlannedModel, keep: Keep): readonly CallTaps[] {
  if (keep === 'layers') return plan.calls;
  if (keep === 'inputs') return [];
  for (const name of keep) {
    if (plan.calls.some(namedBy(name))) continue;
    const names = plan.calls.map(({ call }) => formatAddress(call.address));
    throw new MatchError(
      `keep names a layer the model does not have: "${name}". Nearest: ${listNames(nearestNames(name, names))}.`,
    );
  }
  return plan.calls.filter((call) => keep.some((name) => namedBy(name)(call)));
}
