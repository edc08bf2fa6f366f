import { formatAddress } from '../address.js';
import type { StepNode } from '../steps/graph.js';
import type { LoweredCall } from './lower.js';

/** Says where a mask comes from that a call is handed and uses though none of its inputs has it; null otherwise. */
export function handedMaskNote(
  { handedMask, masks, nodes: own }: LoweredCall,
  nodes: readonly StepNode[],
): string | null {
  if (handedMask === null || masks.includes(handedMask)) return null;
  const used = nodes.some((node) => own.includes(node.id) && node.inputs.includes(handedMask));
  const maker = nodes.find((node) => node.output === handedMask);
  if (!used || !maker) return null;
  const { role: _role, ...address } = maker.address;
  return `masked by "${formatAddress(address)}" though no input of its own is: predict hands that mask on`;
}
