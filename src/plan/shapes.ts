import type { EdgeId, StepGraph, StepNode } from '../steps/graph.js';
import type { Shape, SymbolicShape } from '../tensors/shape.js';
import { sizeOf } from '../tensors/shape.js';

/** Shapes of edges, batch included; an edge is absent where a size is open. */
export type EdgeShapes = ReadonlyMap<EdgeId, Shape>;

/**
 * Works out the shapes on all edges of a graph, bodies of scans included (as of one time step).
 *
 * @param known What the layers state of their outputs; an open first axis is the batch.
 */
export function shapesOf(
  graph: StepGraph,
  inputs: readonly Shape[],
  known: ReadonlyMap<EdgeId, SymbolicShape>,
  batch: number,
): EdgeShapes {
  const shapes = new Map<EdgeId, Shape>();
  fill(graph, inputs, known, batch, shapes);
  return shapes;
}

function fill(
  graph: StepGraph,
  inputs: readonly (Shape | undefined)[],
  known: ReadonlyMap<EdgeId, SymbolicShape>,
  batch: number,
  shapes: Map<EdgeId, Shape>,
): void {
  const set = (edge: EdgeId, shape: Shape | null | undefined) => {
    if (shape) shapes.set(edge, shape);
  };
  graph.inputs.forEach((edge, index) => {
    set(edge, inputs[index]);
  });
  for (const node of graph.nodes) {
    const own = node.inputs.map((edge) => shapes.get(edge));
    set(node.output, stated(known.get(node.output), batch) ?? outputShape(node, own));
    if (node.step.kind !== 'scan') continue;
    const { body, sequences, states } = node.step;
    const slices = own.slice(0, sequences).map((shape) => shape && [...shape.slice(0, 1), ...shape.slice(2)]);
    fill(body, [...slices, ...states.map((state) => [batch, ...state.shape])], known, batch, shapes);
  }
}

/** A shape as a layer states it, the batch filled in; null where another size is open. */
function stated(shape: SymbolicShape | undefined, batch: number): Shape | null {
  if (!shape) return null;
  const sizes = shape.map((size, axis) => (axis === 0 ? batch : size));
  return sizes.every((size): size is number => size !== null) ? sizes : null;
}

function outputShape({ step }: StepNode, inputs: readonly (Shape | undefined)[]): Shape | null {
  const [first] = inputs;
  if (!first || inputs.some((shape) => shape === undefined)) return null;
  const all = inputs as readonly Shape[]; // none is undefined
  switch (step.kind) {
    case 'elementwise':
    case 'softmax':
    case 'normalize':
      return first;
    case 'linear':
      if (step.map.outputShape) return step.map.outputShape(all, step.kernel?.shape ?? []);
      return step.diagonal || step.kernel === null ? largest(all) : null;
    case 'bilinear':
      return step.outputShape?.(all) ?? (step.elementwise ? largest(all) : null);
    case 'select':
      return step.candidates === undefined ? largest(all) : null;
    case 'relabel':
      if (step.outputShape) return step.outputShape(all);
      return step.permutation ? step.permutation.map((axis) => first[axis] ?? 1) : null;
    case 'scan': {
      const sizes = [...step.states.map((state) => state.shape), ...step.extras].map(sizeOf);
      return [first[0] ?? 1, first[1] ?? 1, sizes.reduce((sum, size) => sum + size, 0)];
    }
    case 'opaque':
      return null;
  }
}

/** What tensors broadcast to, which has the most elements. */
function largest(shapes: readonly Shape[]): Shape | null {
  return [...shapes].sort((a, b) => sizeOf(b) - sizeOf(a))[0] ?? null;
}
