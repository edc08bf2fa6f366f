import { formatAddress } from '../address.js';
import type { Rewritten } from '../canonize/rewrite.js';
import { formatRule } from '../rules/rule.js';
import type { StepNode } from '../steps/graph.js';
import { textTable } from '../text-table.js';
import type { Assigned } from './assign.js';
import { inferenceNote } from './inference.js';
import type { LoweredCall } from './lower.js';
import { handedMaskNote } from './mask-note.js';

/** One line of the plan: what happens at one step of one layer call. */
export interface PlanRow {
  /** `encoder/dense_1:activation`. */
  readonly address: string;
  /** Class of the layer. */
  readonly layerType: string;
  /** The primitive step, `-` for a call without steps of its own. */
  readonly step: string;
  /** The rule with its parameters, `-` where none is needed. */
  readonly rule: string;
  /** Which entry gave the rule, or why there is none. */
  readonly because: string;
  /** Remarks on this step: what was folded, what may mislead. */
  readonly notes: readonly string[];
}

/** The rows of a plan, in the order of the model. */
export function planRows(
  calls: readonly LoweredCall[],
  nodes: readonly StepNode[],
  state: Rewritten,
  rules: ReadonlyMap<number, Assigned>,
  notes: ReadonlyMap<number, readonly string[]>,
): PlanRow[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return calls.flatMap((lowered): PlanRow[] => {
    const { call, nodes: own } = lowered;
    const layerType = call.className;
    const ofCall = [inferenceNote(call), handedMaskNote(lowered, nodes)].filter((note) => note !== null);
    if (own.length === 0) {
      return [{ address: formatAddress(call.address), layerType, step: '-', rule: '-', because: '', notes: [] }];
    }
    return own.flatMap((id, index) => {
      const node = byId.get(id);
      if (!node) return [];
      const assigned = rules.get(id);
      const general = index === 0 ? ofCall : [];
      const row = { address: formatAddress(node.address), layerType, step: node.step.name };
      if (!assigned) return { ...row, rule: '-', because: whereGone(node, state), notes: general };
      const remarks = [...general, ...(state.notes.get(id) ?? []), ...(notes.get(id) ?? [])];
      return { ...row, rule: formatRule(assigned.rule), because: assigned.because, notes: remarks };
    });
  });
}

/** The table as text, with the notes numbered below it. */
export function formatRows(rows: readonly PlanRow[]): string {
  const notes: string[] = [];
  const body = rows.map((row) => {
    const marks = row.notes.map((note) => {
      if (!notes.includes(note)) notes.push(note);
      return `[${notes.indexOf(note) + 1}]`;
    });
    return [row.address, row.layerType, row.step, row.rule, row.because, marks.join(' ')];
  });
  const table = textTable([['address', 'layer', 'step', 'rule', 'why', 'notes'], ...body]);
  return [table, ...notes.map((note, index) => `[${index + 1}] ${note}`)].join('\n');
}

function whereGone(node: StepNode, state: Rewritten): string {
  const tap = state.nodes.get(node.id);
  if (node.step.kind !== 'linear') return 'set aside: the score before it is explained';
  const { nodes } = state.graph;
  let keeper = nodes.find((other) =>
    tap && 'node' in tap ? other.id === tap.node : tap && 'edge' in tap && other.output === tap.edge,
  );
  // A permutation may stand between the two.
  while (keeper?.step.kind === 'relabel') {
    const [edge] = keeper.inputs;
    keeper = nodes.find((other) => other.output === edge);
  }
  return keeper ? `folded into "${formatAddress(keeper.address)}"` : 'folded';
}
