import { Tensor } from '@tensorflow/tfjs-core';
import { formatAddress } from '../address.js';
import { TargetError } from '../errors.js';
import { listNames, nearestNames } from '../names.js';
import type { PlannedModel } from '../plan/plan-model.js';
import type { CallTaps } from '../plan/taps.js';
import type { EdgeId } from '../steps/graph.js';
import { namedBy } from './keep.js';
import type { PlacedTarget, Target, UnitTarget } from './target.js';

/** Where relevance starts, found before anything runs. */
export interface StartPlace {
  readonly edge: EdgeId;
  /** `output "dense_3"`, `layer "conv_2"`. */
  readonly name: string;
  readonly unit: UnitTarget | undefined;
  readonly channel: number | undefined;
  /** The link function set aside at this place, or null. */
  readonly link: string | null;
  /** Position of the model output, or null at an inner layer. */
  readonly output: number | null;
}

/**
 * Finds the place a target speaks of.
 *
 * @throws TargetError when it is not there, or when the model has several outputs and the target names none.
 */
export function startPlace(plan: PlannedModel, target: Target | undefined): StartPlace {
  const placed = isPlaced(target) ? target : { ...(target === undefined ? {} : { unit: target }) };
  const { unit, channel } = placed;
  if (placed.layer !== undefined) {
    if (placed.output !== undefined) {
      throw new TargetError('A target starts at an output or at a layer, not both. Leave one of {output, layer} out.');
    }
    const edge = layerEdge(plan, placed.layer);
    // The layer of a model output may have lost its softmax or sigmoid.
    const link = plan.outputs.find((port) => port.edge === edge)?.link ?? null;
    return { edge, name: `layer "${placed.layer}"`, unit, channel, link, output: null };
  }
  const index = outputIndex(plan, placed.output);
  const output = plan.outputs[index];
  if (!output) throw new TargetError('The model has no outputs.');
  return { edge: output.edge, name: `output "${output.name}"`, unit, channel, link: output.link, output: index };
}

const PLACED_KEYS = ['output', 'layer', 'unit', 'channel'];

/** @throws TargetError for a key that a target does not have: it would be passed over in silence. */
function isPlaced(target: Target | undefined): target is PlacedTarget {
  if (typeof target !== 'object' || target === null || target instanceof Tensor || ArrayBuffer.isView(target))
    return false;
  if (Array.isArray(target) || 'kind' in target) return false;
  const unknown = Object.keys(target).find((key) => !PLACED_KEYS.includes(key));
  if (unknown === undefined) return true;
  throw new TargetError(`A target has no "${unknown}". Expected some of {${PLACED_KEYS.join(', ')}}.`);
}

function outputIndex(plan: PlannedModel, output: string | number | undefined): number {
  const names = plan.outputs.map((port) => port.name);
  if (output === undefined) {
    if (plan.outputs.length === 1) return 0;
    throw new TargetError(
      `The model has ${names.length} outputs: ${listNames(names)}. Say which, such as {output: '${names[0]}', unit: 0}.`,
    );
  }
  const index = typeof output === 'number' ? output : names.indexOf(output);
  if (Number.isInteger(index) && index >= 0 && index < names.length) return index;
  throw new TargetError(
    `The model has no output ${JSON.stringify(output)}. It has ${listNames(names)} (0 to ${names.length - 1}).`,
  );
}

function layerEdge(plan: PlannedModel, name: string): EdgeId {
  const found = plan.calls.filter(namedBy(name));
  if (found.length === 1 && found[0]) return outputEdge(found[0], name);
  const names = plan.calls.map(({ call }) => formatAddress(call.address));
  if (found.length === 0) {
    throw new TargetError(`The model has no layer "${name}". Nearest: ${listNames(nearestNames(name, names))}.`);
  }
  // The first call with its number, since its address without is the name that was not enough.
  const addresses = found.map(({ call }) => `${formatAddress(call.address)}${call.address.call === 0 ? '#0' : ''}`);
  throw new TargetError(
    `Layer "${name}" is called ${found.length} times: ${listNames(addresses)}. Give one of these addresses.`,
  );
}

function outputEdge({ outputs, changed }: CallTaps, name: string): EdgeId {
  const [tap] = outputs;
  if (changed) {
    throw new TargetError(
      `Layer "${name}" has the batch normalization after it folded in, so its own values are not computed. Start at that ` +
        "batch normalization, or plan with {canonize: {batchNorm: 'none'}}.",
    );
  }
  if (outputs.length === 1 && tap && 'edge' in tap) return tap.edge;
  throw new TargetError(
    outputs.length === 1
      ? `Layer "${name}" was folded into the layer after it and has no values of its own. Plan with {canonize: {batchNorm: 'after'}}.`
      : `Layer "${name}" has ${outputs.length} outputs; explanation can only start at a layer with one.`,
  );
}
