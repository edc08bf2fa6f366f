import { consumersOf, type EdgeId, type StepGraph, type StepNode } from '../steps/graph.js';
import type { Sign, Step } from '../steps/step.js';

/** Sign of the values on every edge, as far as the graph alone proves it. */
export type Signs = ReadonlyMap<EdgeId, Sign>;

/**
 * Proves which edges never carry a negative value: after ReLU, sigmoid, softmax; through pooling, sums, concatenation and
 * products of such; from inputs stated to be nonnegative.
 */
export function signsOf(graph: StepGraph, inputs: readonly Sign[]): Signs {
  const signs = new Map<EdgeId, Sign>(graph.inputs.map((edge, index) => [edge, inputs[index] ?? 'any']));
  for (const node of graph.nodes) {
    if (node.step.kind === 'scan') {
      const { body, sequences } = node.step;
      // A time slice has the sign of its sequence; states can be anything.
      const slices = node.inputs.slice(0, sequences).map((edge) => signs.get(edge) ?? 'any');
      for (const [edge, sign] of signsOf(body, slices)) signs.set(edge, sign);
    }
    signs.set(
      node.output,
      outputSign(
        node.step,
        node.inputs.map((edge) => signs.get(edge) ?? 'any'),
      ),
    );
  }
  return signs;
}

function outputSign(step: Step, inputs: readonly Sign[]): Sign {
  const together: Sign = inputs.every((sign) => sign === 'nonnegative') ? 'nonnegative' : 'any';
  switch (step.kind) {
    case 'linear':
      return step.kernel === null && step.bias === null ? together : 'any';
    case 'elementwise':
      return step.sign?.(inputs[0] ?? 'any') ?? 'any';
    case 'select':
    case 'relabel':
      return step.sign?.(inputs) ?? together;
    case 'bilinear':
      return together;
    case 'softmax':
      return step.logarithm ? 'any' : 'nonnegative';
    case 'normalize':
    case 'scan':
    case 'opaque':
      return 'any';
  }
}

/** True when all that reads the node's output is a ReLU, possibly behind pooling or steps that move elements. */
export function followedByRelu(graph: StepGraph, node: StepNode): boolean {
  return readersOfKind(graph, consumersOf(graph), node.output, (reader) =>
    reader.step.kind === 'elementwise' ? reader.step.deadBelowZero === true : false,
  );
}

function readersOfKind(
  graph: StepGraph,
  consumers: ReadonlyMap<EdgeId, readonly StepNode[]>,
  edge: EdgeId,
  accepts: (reader: StepNode) => boolean,
): boolean {
  const readers = consumers.get(edge) ?? [];
  if (readers.length === 0 || graph.outputs.includes(edge)) return false;
  return readers.every((reader) => {
    if (accepts(reader)) return true;
    const looksThrough = reader.step.kind === 'relabel' || reader.step.kind === 'select';
    return looksThrough && readersOfKind(graph, consumers, reader.output, accepts);
  });
}
