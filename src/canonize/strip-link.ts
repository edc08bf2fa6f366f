import { formatAddress } from '../address.js';
import { consumersOf, type EdgeId, producersOf, type StepNode } from '../steps/graph.js';
import { type Rewritten, removeNode, withNote } from './rewrite.js';

/**
 * Sets aside the softmax, log-softmax or sigmoid that turns a model output into probabilities: what is explained is the
 * score before it. Steps after it that only move elements stay. A link that something else reads too is kept, and its
 * row says so.
 */
export function stripLinks(state: Rewritten): Rewritten {
  let current = state;
  for (let index = 0; index < state.graph.outputs.length; index++) current = stripOne(current, index);
  return current;
}

function stripOne(state: Rewritten, index: number): Rewritten {
  const link = linkOf(state, state.graph.outputs[index]);
  if (!link) return state;
  const readers = (consumersOf(state.graph).get(link.output) ?? []).filter((reader) => !leadsToOutput(state, reader));
  if (readers.length > 0) {
    const names = readers.map((reader) => `"${formatAddress(reader.address)}"`).join(' and ');
    return withNote(state, link.id, `not set aside: ${names} read it too, so probabilities are explained`);
  }
  const [score] = link.inputs;
  if (score === undefined) return state;
  // Several outputs may be views of one link: it is set aside for all of them.
  const links = state.links.map((known, output) =>
    linkOf(state, state.graph.outputs[output]) === link ? link.step.name : known,
  );
  return { ...removeNode(state, link, score, { edge: score }), links };
}

/** The link function before an output, looking through steps that only move elements. */
function linkOf(state: Rewritten, output: EdgeId | undefined): StepNode | null {
  const producers = producersOf(state.graph);
  let node = output === undefined ? undefined : producers.get(output);
  while (node?.step.kind === 'relabel' && node.step.bijective && node.inputs.length === 1) {
    node = producers.get(node.inputs[0] ?? -1);
  }
  return node && isLink(node) ? node : null;
}

function isLink({ step }: StepNode): boolean {
  return step.kind === 'softmax' || (step.kind === 'elementwise' && step.link === true);
}

/** True for a mover of elements that ends in a model output and nowhere else. */
function leadsToOutput(state: Rewritten, node: StepNode): boolean {
  if (node.step.kind !== 'relabel' || !node.step.bijective) return false;
  if (state.graph.outputs.includes(node.output)) return true;
  const readers = consumersOf(state.graph).get(node.output) ?? [];
  return readers.length > 0 && readers.every((reader) => leadsToOutput(state, reader));
}
