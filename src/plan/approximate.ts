import { formatAddress } from '../address.js';
import type { PlanProblem } from '../errors.js';
import type { LayerCall } from '../graph/call.js';
import { gradientAdapter } from '../layers/custom.js';
import type { Registry } from '../layers/registry.js';

/**
 * How layers that nobody described are explained all the same: by class name, layer name or address, or all of them
 * (`'gradient'`).
 */
export type Approximations = 'gradient' | Readonly<Record<string, 'gradient'>>;

/** A registry that answers the approximations asked for, and what is wrong with them once it has been used. */
export interface Approximated {
  /** The registry given, but for the layers named. */
  readonly registry: Registry;
  /** Names that no layer of the model has, and approximations that do not exist. */
  problems(): PlanProblem[];
}

/** Puts the approximations a user asked for by name before the adapters of a registry. */
export function approximated(registry: Registry, approximate: Approximations = {}): Approximated {
  if (typeof approximate !== 'object' || approximate === null) return approximatingAll(registry, approximate);
  const met = new Set<string>();
  const resolve: Registry['resolve'] = (call) => {
    const name = Object.keys(approximate).find((key) => namesOf(call).includes(key));
    if (name === undefined) return registry.resolve(call);
    met.add(name);
    return gradientAdapter;
  };
  const problems = () =>
    Object.entries(approximate).flatMap(([name, how]): PlanProblem[] => {
      if (how !== 'gradient') {
        return [{ message: `approximate: {"${name}": ${JSON.stringify(how)}}: the only approximation is "gradient".` }];
      }
      if (met.has(name)) return [];
      return [{ message: `approximate: "${name}" is neither a class, a layer nor an address of this model.` }];
    });
  return { registry: { ...registry, resolve }, problems };
}

/** Any layer without an adapter. What else than `gradient` was asked for is a problem. */
function approximatingAll(registry: Registry, how: unknown): Approximated {
  const resolve: Registry['resolve'] = (call) => registry.resolve(call) ?? gradientAdapter;
  const message = `approximate should be 'gradient' or a record such as {MyLayer: 'gradient'}; received ${JSON.stringify(how)}.`;
  return { registry: { ...registry, resolve }, problems: () => (how === 'gradient' ? [] : [{ message }]) };
}

function namesOf({ className, layer, address }: LayerCall): string[] {
  // A layer inside another one has the other's address.
  return [className, layer.name, ...(address.layer === layer.name ? [formatAddress(address)] : [])];
}
