import { formatAddress } from '../address.js';
import { consumersOf, type EdgeId, producersOf, type StepGraph, type StepNode } from '../steps/graph.js';
import type { LinearStep } from '../steps/step.js';
import { foldAfter, foldBefore } from './fold-weights.js';
import { type Rewritten, removeNode, replaceNode, withNote } from './rewrite.js';

/**
 * Which batch normalizations are worked into a neighbouring linear step: those after one, those on either side, none.
 */
export type FoldMode = 'both' | 'after' | 'none';

/** All ways to fold. */
export const FOLD_MODES: readonly FoldMode[] = ['both', 'after', 'none'];

/**
 * Folds batch normalization into the linear step before it or, failing that, after it, wherever the result is exactly the
 * same function: inference statistics, epsilon included, nobody else reading what lies between, the same channel axis,
 * and no zero padding where a shift would have to cross it. What stays unmerged says why in its row.
 *
 * @see Pahde et al. 2022, "Optimizing explanations by network canonization and hyperparameter search".
 */
export function foldBatchNorm(state: Rewritten, mode: FoldMode): Rewritten {
  if (mode === 'none') return state;
  const once = foldEach(state, mode);
  // Of two normalizations in a row before a layer, the first finds it only once the second is gone.
  const fewer = once.graph.nodes.length < state.graph.nodes.length && once.graph.nodes.some(isFoldable);
  return fewer ? foldBatchNorm(withoutReasons(once, state), mode) : once;
}

function foldEach(state: Rewritten, mode: FoldMode): Rewritten {
  let current = state;
  for (const { id } of state.graph.nodes) {
    const node = current.graph.nodes.find((candidate) => candidate.id === id);
    if (node && isFoldable(node)) current = foldOne(current, node, mode);
  }
  return current;
}

/** Before another round, the reasons given for what is still unmerged are dropped: they may hold no longer. */
function withoutReasons(state: Rewritten, before: Rewritten): Rewritten {
  const unmerged = new Set(state.graph.nodes.filter(isFoldable).map((node) => node.id));
  const notes = new Map(state.notes);
  for (const id of unmerged) notes.set(id, before.notes.get(id) ?? []);
  return { ...state, notes };
}

type NormNode = StepNode & { readonly step: LinearStep & { readonly foldsAlong: number } };

function isFoldable(node: StepNode): node is NormNode {
  return node.step.kind === 'linear' && node.step.foldsAlong !== undefined && node.step.kernel !== null;
}

function foldOne(state: Rewritten, node: NormNode, mode: FoldMode): Rewritten {
  const before = linearBefore(state.graph, node);
  if (typeof before !== 'string' && node.step.kernel) {
    const step = foldAfter(before.step, node.step.kernel, node.step.bias);
    const merged = withNote(replaceNode(state, { ...before, step }), before.id, `batch norm ${name(node)} folded in`);
    const input = node.inputs[0] ?? before.output;
    const changed = new Set([...state.changed, before.output, input]);
    return removeNode({ ...merged, changed }, node, input, { edge: input });
  }
  if (mode === 'after') return withNote(state, node.id, `left unmerged: ${before}`);
  const after = linearAfter(state.graph, node);
  if (typeof after !== 'string' && node.step.kernel) {
    const step = foldBefore(after.step, node.step.kernel, node.step.bias);
    const merged = withNote(replaceNode(state, { ...after, step }), after.id, `batch norm ${name(node)} folded in`);
    return removeNode(merged, node, node.inputs[0] ?? after.output, { node: after.id, input: 0 });
  }
  return withNote(state, node.id, `left unmerged: ${before}; ${after}`);
}

type LinearNode = StepNode & { readonly step: LinearStep };

/** The linear step this normalization may be folded back into, or why there is none. */
function linearBefore(graph: StepGraph, node: NormNode): LinearNode | string {
  const producers = producersOf(graph);
  let axis = node.step.foldsAlong;
  let edge = node.inputs[0];
  for (;;) {
    if (edge === undefined) return 'it reads nothing';
    const shared = readElsewhere(graph, edge);
    if (shared) return shared;
    const producer = producers.get(edge);
    if (!producer) return 'no linear layer comes before it';
    const { step } = producer;
    if (step.kind === 'relabel' && step.permutation) {
      const { permutation } = step;
      axis = (permutation[axis + permutation.length] ?? 0) - permutation.length;
      edge = producer.inputs[0];
      continue;
    }
    if (!isMixing(producer)) return `${name(producer)} (${step.name}) stands before it, not a linear layer`;
    if (axis !== -1) return `its axis is not the channel axis of ${name(producer)}`;
    return producer;
  }
}

/** The linear step this normalization may be folded forward into, or why there is none. */
function linearAfter(graph: StepGraph, node: NormNode): LinearNode | string {
  const shared = readElsewhere(graph, node.output);
  if (shared) return shared;
  const [reader] = consumersOf(graph).get(node.output) ?? [];
  if (!reader) return 'no linear layer comes after it';
  if (!isMixing(reader)) return `${name(reader)} (${reader.step.name}) stands after it, not a linear layer`;
  if (node.step.foldsAlong !== -1) return `its axis is not the channel axis of ${name(reader)}`;
  if (node.step.bias && !reader.step.shiftsExactly) {
    return `its shift cannot cross the border of ${name(reader)} (${reader.step.name}), where fewer inputs meet`;
  }
  return reader;
}

/** True for a linear step with a kernel that mixes channels, or filters each, and can take a factor per channel. */
function isMixing(node: StepNode): node is LinearNode {
  return node.step.kind === 'linear' && node.step.kernel !== null && node.step.channels !== undefined;
}

/** Why an edge cannot be folded across: more than one reader, or the model's output. */
function readElsewhere(graph: StepGraph, edge: EdgeId): string | null {
  const readers = consumersOf(graph).get(edge) ?? [];
  if (graph.outputs.includes(edge)) return 'the tensor between is an output of the model';
  if (readers.length > 1) return `the tensor between is read by ${readers.map(name).join(' and ')}`;
  return null;
}

function name(node: StepNode): string {
  return `"${formatAddress(node.address)}"`;
}
