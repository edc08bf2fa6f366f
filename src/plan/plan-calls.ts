import { formatAddress } from '../address.js';
import type { TracedCall } from '../graph/trace.js';
import type { EdgeId } from '../steps/graph.js';
import type { SymbolicShape } from '../tensors/shape.js';

/** Where a layer call takes one of its inputs from. */
export interface CallSource {
  /** Address of the call that makes it; null for what is given to the model. */
  readonly from: string | null;
  /** Which of that call's outputs. */
  readonly output: number;
}

/** One layer call of the model and what feeds it. */
export interface PlanCall {
  /** Address of the call, the key of `explanation.layers`. */
  readonly address: string;
  /** Class of the layer. */
  readonly layerType: string;
  /** One per input of the call, in the order of `LayerRelevance.inputs`. */
  readonly inputs: readonly CallSource[];
  /** Shapes of the outputs, batch first; null where a size is open. */
  readonly outputShapes: readonly SymbolicShape[];
}

interface Maker extends CallSource {
  readonly from: string;
  readonly path: string;
}

/** The calls in an order in which each comes after what it reads. */
export function planCalls(calls: readonly TracedCall[]): PlanCall[] {
  const makers = new Map<EdgeId, Maker[]>();
  return calls.map(({ call, outputs }) => {
    const path = call.address.path.join('/');
    const address = formatAddress(call.address);
    const inputs = call.inputs.map((edge) => sourceOf(makers.get(edge) ?? [], path));
    for (const [output, edge] of outputs.entries()) {
      makers.set(edge, [...(makers.get(edge) ?? []), { from: address, output, path }]);
    }
    return { address, layerType: call.className, inputs, outputShapes: call.outputShapes };
  });
}

/** The input layer of a nested model hands on the edge it reads: inside that model it is the source, outside it is not. */
function sourceOf(makers: readonly Maker[], path: string): CallSource {
  const maker = makers.filter((candidate) => candidate.path === path).at(-1) ?? makers[0];
  return { from: maker?.from ?? null, output: maker?.output ?? 0 };
}
