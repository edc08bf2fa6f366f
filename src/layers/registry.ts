import { formatAddress } from '../address.js';
import type { Layer, LayerCall } from '../graph/call.js';
import type { LayerAdapter, LayerClass } from './adapter.js';

/**
 * What an adapter is registered for: a layer class (its subclasses too), one layer instance, a class name, an address or
 * layer name, or a predicate.
 */
export type RegistryMatch = LayerClass | Layer | string | ((call: LayerCall) => boolean);

interface Entry {
  readonly match: RegistryMatch;
  readonly adapter: LayerAdapter;
  /** True for a text that can only mean a class name. */
  readonly ofClass?: boolean;
}

/**
 * Maps layers to adapters. A registry is a value: `with` answers a new one, nothing global changes, and running a
 * notebook cell twice does no harm.
 */
export interface Registry {
  /** A registry that also knows `match`; the latest addition wins among equals. */
  with(match: RegistryMatch, adapter: LayerAdapter): Registry;
  /**
   * The adapter of a call, or null. Looked up by instance, then address or layer name, then class and its ancestors, then
   * class name, then predicates.
   */
  resolve(call: LayerCall): LayerAdapter | null;
  /** The class names known, for error messages. */
  readonly classNames: readonly string[];
}

/** A registry of the given entries, latest last. */
export function registryOf(entries: readonly Entry[]): Registry {
  const latestFirst = [...entries].reverse();
  const find = (accepts: (match: RegistryMatch) => boolean) =>
    latestFirst.find((entry) => accepts(entry.match))?.adapter;
  return {
    classNames: [...new Set(entries.map((entry) => classNameOf(entry.match)).filter((name) => name !== null))].sort(),
    with: (match, adapter) => registryOf([...entries, { match, adapter }]),
    resolve: (call) =>
      find((match) => match === call.layer) ??
      findNamed(call, entries) ??
      findByClass(call.layer, find) ??
      find((match) => match === call.className) ??
      find((match) => isPredicate(match) && match(call)) ??
      null,
  };
}

/** The latest entry for a layer's name or address; entries for classes do not mean a layer that happens to bear the name. */
function findNamed(call: LayerCall, entries: readonly Entry[]): LayerAdapter | undefined {
  const names = isOwnAddress(call) ? [call.layer.name, formatAddress(call.address)] : [call.layer.name];
  const own = entries.filter(({ match, ofClass }) => !ofClass && typeof match === 'string' && names.includes(match));
  return own[own.length - 1]?.adapter;
}

/** False for a layer lowered in the place of another: its address is the outer layer's. */
function isOwnAddress({ layer, address }: LayerCall): boolean {
  return layer.name === address.layer;
}

/** Walks up the prototypes, so that a subclass finds its own adapter before its parent's. */
function findByClass(layer: Layer, find: (accepts: (match: RegistryMatch) => boolean) => LayerAdapter | undefined) {
  for (let prototype = Object.getPrototypeOf(layer); prototype !== null; prototype = Object.getPrototypeOf(prototype)) {
    const adapter = find((match) => isLayerClass(match) && match.prototype === prototype);
    if (adapter) return adapter;
  }
  return undefined;
}

/** True for a class declared with `class`, as opposed to a predicate: only layer prototypes have `call`. */
export function isLayerClass(match: unknown): match is LayerClass {
  return typeof match === 'function' && typeof match.prototype?.call === 'function';
}

function isPredicate(match: RegistryMatch): match is (call: LayerCall) => boolean {
  return typeof match === 'function' && !isLayerClass(match);
}

function classNameOf(match: RegistryMatch): string | null {
  if (typeof match === 'string') return match;
  return isLayerClass(match) ? (match.className ?? match.name) : null;
}
