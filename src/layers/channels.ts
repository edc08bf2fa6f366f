import type { LayerCall } from '../graph/call.js';
import type { EdgeId } from '../steps/graph.js';
import { permuteStep } from '../steps/relabel.js';
import type { SymbolicShape } from '../tensors/shape.js';
import type { StepBuilder } from './adapter.js';
import { rankOf, stringOf } from './config.js';

/** Whether the layer takes `[batch, channels, ...spatial]`. */
export function isChannelsFirst(call: LayerCall): boolean {
  return stringOf(call, 'dataFormat', 'channelsLast') === 'channelsFirst';
}

/** Moves channels from axis 1 to the end, in the role `channels-last`. */
export function addChannelsLast(to: StepBuilder, input: EdgeId, rank: number): EdgeId {
  const spatial = Array.from({ length: rank - 2 }, (_, axis) => axis + 2);
  return to.add(permuteStep([0, ...spatial, 1], 'channels last'), [input], 'channels-last');
}

/** Moves channels from the end to axis 1, in the role `channels-first`. */
export function addChannelsFirst(to: StepBuilder, input: EdgeId, rank: number): EdgeId {
  const spatial = Array.from({ length: rank - 2 }, (_, axis) => axis + 1);
  return to.add(permuteStep([0, rank - 1, ...spatial], 'channels first'), [input], 'channels-first');
}

/** Runs `body` with channels last, whatever the layer's data format: most steps know no other order. */
export function inChannelsLast(
  call: LayerCall,
  to: StepBuilder,
  input: EdgeId,
  body: (input: EdgeId) => EdgeId,
): EdgeId {
  if (!isChannelsFirst(call)) return body(input);
  const rank = rankOf(call);
  return addChannelsFirst(to, body(addChannelsLast(to, input, rank)), rank);
}

/** Spatial sizes of the layer's input, `null` where they are not known. */
export function spatialOf(call: LayerCall): SymbolicShape {
  const shape = call.inputShapes[0] ?? [];
  return isChannelsFirst(call) ? shape.slice(2) : shape.slice(1, -1);
}
