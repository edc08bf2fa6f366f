import type * as tf from '@tensorflow/tfjs-core';
import type { Layer, LayerCall } from '../graph/call.js';
import type { EdgeId } from '../steps/graph.js';
import { maskedUpdateStep } from '../steps/mask.js';
import { recordPartStep } from '../steps/record.js';
import type { CarriedState } from '../steps/step.js';
import { sizeOf } from '../tensors/shape.js';
import type { BodyAnswer, BodyBuilder, LayerAdapter, StepBuilder } from './adapter.js';
import { booleanOf, cannotLower } from './config.js';

/**
 * RNN, SimpleRNN, GRU, LSTM: the layer's cell, by the cell's own adapter, repeated over time. Masked time steps keep the
 * state; initial states are inputs, a stateful layer's own, or zero.
 */
export const recurrentAdapter: LayerAdapter = (call, to) => {
  const cell = cellOf(call);
  const shapes = stateSizes(cell).map((size) => [size]);
  lowerRecurrent(call, to, cell, shapes);
};

/** As {@link recurrentAdapter}, for states of any shape. */
export function lowerRecurrent(
  call: LayerCall,
  to: StepBuilder,
  cell: Layer,
  shapes: readonly (readonly number[])[],
): void {
  const [sequence, ...initial] = to.inputs;
  if (sequence === undefined) throw cannotLower(call, 'it has no input.');
  const mask = to.handedMask;
  const [batch = null, , ...features] = call.inputShapes[0] ?? [];
  const inputShapes = [features, ...shapes].map((shape) => [batch, ...shape]);
  let separate = false;
  const record = to.scan(
    {
      name: 'scan over time',
      sequences: mask === null ? [sequence] : [sequence, mask],
      states: shapes.map((shape, index): CarriedState => ({ shape, initial: () => ownState(call.layer, index) })),
      initial,
      backwards: booleanOf(call, 'goBackwards', false),
      role: 'scan',
    },
    (body, [slice = -1, stepMask], before) => {
      const [output = -1, ...after] = body.apply(cell, [slice, ...before], { inputShapes });
      separate = output !== after[0];
      return answer(body, output, after, before, stepMask, shapes[0] ?? []);
    },
  );
  const all = booleanOf(call, 'returnSequences', false);
  to.mask(all ? to.maskOf(sequence) : null);
  to.output(...outputsOf(call, to, record, shapes, separate ? shapes.length : 0));
}

/** New states, masked where there is a mask; the output is recorded on its own only where it is no state. */
function answer(
  body: BodyBuilder,
  output: EdgeId,
  after: readonly EdgeId[],
  before: readonly EdgeId[],
  mask: EdgeId | undefined,
  shape: readonly number[],
): BodyAnswer {
  const masked = (fresh: EdgeId, old: EdgeId | undefined, role: string): EdgeId =>
    mask === undefined || old === undefined ? fresh : body.add(maskedUpdateStep(), [fresh, old, mask], role);
  const states = after.map((state, index) => masked(state, before[index], `masked_state_${index}`));
  if (output === after[0]) return { states };
  // tfjs answers the first state where the output is masked.
  return { states, extras: [{ edge: masked(output, before[0], 'masked_output'), shape }] };
}

/** What the layer answers, picked out of the record: the output (state 0, or recorded on its own), then the states. */
function outputsOf(
  call: LayerCall,
  to: StepBuilder,
  record: EdgeId,
  shapes: readonly (readonly number[])[],
  outputPart: number,
): EdgeId[] {
  const parts = [...shapes, shapes[0] ?? []];
  const offsetOf = (part: number) => parts.slice(0, part).reduce((sum, shape) => sum + sizeOf(shape), 0);
  const pick = (part: number, time: 'all' | 'last', role?: string) =>
    to.add(recordPartStep({ offset: offsetOf(part), shape: parts[part] ?? [], time }), [record], role);
  const output = pick(outputPart, booleanOf(call, 'returnSequences', false) ? 'all' : 'last');
  if (!booleanOf(call, 'returnState', false)) return [output];
  return [output, ...shapes.map((_, index) => pick(index, 'last', `state_${index}`))];
}

/** A stateful layer begins where it was left; read at run time and never changed. */
function ownState(layer: Layer, index: number): tf.Tensor | null {
  if (!('stateful' in layer) || layer.stateful !== true || !('states' in layer)) return null;
  const { states } = layer;
  return Array.isArray(states) ? (states[index] ?? null) : null;
}

/** The cell of a recurrent layer. */
export function cellOf(call: LayerCall): Layer {
  const { layer } = call;
  // The field is there on every RNN but not part of tfjs' public type.
  const cell = 'cell' in layer ? (layer.cell as Layer | undefined) : undefined;
  if (cell) return cell;
  throw cannotLower(call, 'it has no cell.');
}

function stateSizes(cell: Layer): number[] {
  const sizes = 'stateSize' in cell ? cell.stateSize : undefined;
  const list = Array.isArray(sizes) ? sizes : [sizes];
  return list.map((size) => (typeof size === 'number' ? size : 0));
}
