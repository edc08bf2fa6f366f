import type { SymbolicTensor } from '@tensorflow/tfjs-layers';

/** What is asked of a model's graph. */
export interface Wanted {
  readonly inputs: readonly SymbolicTensor[];
  readonly outputs: readonly SymbolicTensor[];
  /** What the call that makes a tensor takes, in order. */
  readonly takes: (tensor: SymbolicTensor) => readonly SymbolicTensor[];
}

/**
 * The tensors of a model in the order in which tfjs makes them: each after what it is made from, and of several inputs
 * the last one's branch first. A layer with several outputs that are read is run for each of them.
 */
export function runOrder({ inputs, outputs, takes }: Wanted): SymbolicTensor[] {
  const order: SymbolicTensor[] = [];
  const seen = new Set(inputs);
  const visit = (tensor: SymbolicTensor) => {
    if (seen.has(tensor)) return;
    for (const taken of [...takes(tensor)].reverse()) visit(taken);
    seen.add(tensor);
    order.push(tensor);
  };
  for (const output of outputs) visit(output);
  return order;
}
