import { MatchError } from './errors.js';

/**
 * The name of a place in a model: which nested models lead there, which layer, which call of it, and which part of the
 * layer. Printed as `encoder/dense_1#1:gate`; the first call of a layer prints without `#0`.
 */
export interface Address {
  /** Calls of the nested models around the layer, outermost first, each printed like a layer call (`encoder`, `encoder#1`). */
  readonly path: readonly string[];
  /** Name of the layer. */
  readonly layer: string;
  /** Which call of that layer inside its path: 0, 1, ... */
  readonly call: number;
  /** Part of the layer, e.g. `activation` or `depthwise`; absent for the layer call as a whole. */
  readonly role?: string;
}

/** `encoder/dense_1#1:gate`. */
export function formatAddress(address: Address): string {
  const role = address.role === undefined ? '' : `:${address.role}`;
  return `${[...address.path, formatCall(address.layer, address.call)].join('/')}${role}`;
}

/** A layer and the number of its call: `dense_1`, `dense_1#1`. */
export function formatCall(layer: string, call: number): string {
  return call === 0 ? layer : `${layer}#${call}`;
}

/**
 * Reads what {@link formatAddress} printed; `#0` may be written out.
 *
 * @throws MatchError when the text has no layer name or a call that is no number.
 */
export function parseAddress(text: string): Address {
  const parts = text.split('/');
  const match = /^([^:#]+)(?:#(\d+))?(?::(.+))?$/.exec(parts.pop() ?? '');
  if (!match?.[1]) {
    throw new MatchError(
      `"${text}" is no address. Expected path/layer#call:role, such as "encoder/dense_1#0:activation".`,
    );
  }
  const address = { path: parts.map((part) => part.replace(/#0$/, '')), layer: match[1], call: Number(match[2] ?? 0) };
  return match[3] === undefined ? address : { ...address, role: match[3] };
}
