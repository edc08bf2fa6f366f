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

/** The calls in an order in which each comes after what it reads. */
export function planCalls(calls: readonly TracedCall[]): PlanCall[] {
  const makers = new Map<EdgeId, CallSource>();
  return calls.map(({ call, outputs }) => {
    const address = formatAddress(call.address);
    const inputs = call.inputs.map((edge) => makers.get(edge) ?? { from: null, output: 0 });
    for (const [output, edge] of outputs.entries()) makers.set(edge, { from: address, output });
    return { address, layerType: call.className, inputs, outputShapes: call.outputShapes };
  });
}
