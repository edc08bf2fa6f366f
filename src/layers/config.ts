import { formatAddress } from '../address.js';
import { InternalError, LrpError } from '../errors.js';
import type { LayerCall } from '../graph/call.js';

/** A number of the layer's configuration, or `fallback` when it is not set. */
export function numberOf(call: LayerCall, key: string, fallback?: number): number {
  const value = call.config[key] ?? fallback;
  if (typeof value === 'number') return value;
  throw unexpected(call, key, 'a number', value);
}

/** A string of the configuration, or `fallback` when it is not set. */
export function stringOf(call: LayerCall, key: string, fallback?: string): string {
  const value = call.config[key] ?? fallback;
  if (typeof value === 'string') return value;
  throw unexpected(call, key, 'a string', value);
}

/** Whether something of the configuration is on. */
export function booleanOf(call: LayerCall, key: string, fallback: boolean): boolean {
  const value = call.config[key] ?? fallback;
  if (typeof value === 'boolean') return value;
  throw unexpected(call, key, 'true or false', value);
}

/** Numbers of the configuration; a single number is taken `rank` times. */
export function numbersOf(call: LayerCall, key: string, rank: number, fallback?: number): number[] {
  const value = call.config[key] ?? fallback;
  if (typeof value === 'number') return new Array<number>(rank).fill(value);
  if (Array.isArray(value) && value.every((item): item is number => typeof item === 'number')) return value;
  throw unexpected(call, key, `a number or ${rank} numbers`, value);
}

/** The layer's only input edge. */
export function onlyInput(call: LayerCall, inputs: readonly number[]): number {
  const [input] = inputs;
  if (input === undefined) throw new InternalError(`layer "${formatAddress(call.address)}" has no input`);
  return input;
}

/** Rank of the layer's `index`-th input, batch included. */
export function rankOf(call: LayerCall, index = 0): number {
  return call.inputShapes[index]?.length ?? 0;
}

/** A layer that cannot be lowered, as one complaint of the plan. */
export function cannotLower(call: LayerCall, why: string): LrpError {
  const address = formatAddress(call.address);
  return new LrpError('plan', `Layer "${call.layer.name}" (class ${call.className}) at ${address}: ${why}`, {
    address,
  });
}

function unexpected(call: LayerCall, key: string, expected: string, received: unknown): LrpError {
  return cannotLower(call, `its configuration "${key}" should be ${expected}, received ${JSON.stringify(received)}.`);
}
