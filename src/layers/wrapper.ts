import type { Layer, LayerCall } from '../graph/call.js';
import type { EdgeId } from '../steps/graph.js';
import { addStep, averageStep } from '../steps/linear.js';
import { multiplyStep } from '../steps/product.js';
import { recordPartStep, reverseTimeStep } from '../steps/record.js';
import { concatStep } from '../steps/relabel.js';
import type { Step } from '../steps/step.js';
import type { SymbolicShape } from '../tensors/shape.js';
import type { LayerAdapter, StepBuilder } from './adapter.js';
import { cannotLower, onlyInput } from './config.js';

/**
 * Bidirectional: its two layers, in the roles `forward` and `backward`, and what they answer merged. A sequence that the
 * backward layer answers is turned round first, so that both are in the order of the input.
 *
 * Initial states as inputs are shared out half and half; final states follow the output, the forward layer's first.
 */
export const bidirectionalAdapter: LayerAdapter = (call, to) => {
  const { forward, backward } = directionsOf(call);
  const [sequence = -1, ...initial] = to.inputs;
  const half = initial.length / 2;
  const inputShapes = call.inputShapes.slice(0, 1);
  const [ahead = -1, ...statesAhead] = to.apply(forward, [sequence, ...initial.slice(0, half)], {
    role: 'forward',
    inputShapes,
  });
  const [back = -1, ...statesBack] = to.apply(backward, [sequence, ...initial.slice(half)], {
    role: 'backward',
    inputShapes,
  });
  const all = Reflect.get(call.layer, 'returnSequences') === true;
  const turned = all ? to.add(reverseTimeStep, [back], 'backward.turned') : back;
  to.mask(all ? to.maskOf(sequence) : null);
  to.output(...merged(call, to, ahead, turned), ...statesAhead, ...statesBack);
};

/** The two results as tfjs merges them; side by side where `mergeMode` is null. */
function merged(call: LayerCall, to: StepBuilder, ahead: EdgeId, back: EdgeId): EdgeId[] {
  const rank = call.outputShapes[0]?.length ?? 0;
  const { mergeMode } = call.config;
  if (mergeMode === null) return [ahead, back];
  const steps: Readonly<Record<string, () => Step>> = {
    concat: () => concatStep(rank - 1),
    sum: addStep,
    ave: averageStep,
    mul: () => multiplyStep(),
  };
  const make = steps[String(mergeMode)];
  if (make) return [to.add(make(), [ahead, back])];
  throw cannotLower(call, `its mergeMode should be concat, sum, ave, mul or null, received ${String(mergeMode)}.`);
}

/**
 * TimeDistributed: its layer or model, in the role `layer`, repeated over time without anything carried on. As in tfjs it
 * is handed, at every time step, the mask that the wrapper is handed: the one of the wrapper's time steps.
 */
export const timeDistributedAdapter: LayerAdapter = (call, to) => {
  const layer = innerLayer(call, 'layer');
  const [batch = null, , ...rest] = call.inputShapes[0] ?? [];
  const slice: SymbolicShape = [batch, ...rest];
  if (layer.stateful) {
    throw cannotLower(call, `its layer "${layer.name}" is stateful, and would go on from one time step to the next.`);
  }
  const shape = fixedShape(call, (call.outputShapes[0] ?? []).slice(2));
  const record = to.scan(
    { name: 'each time step', sequences: [onlyInput(call, to.inputs)], states: [], role: 'scan', handsOnMask: true },
    (body, slices) => {
      const [edge = -1] = body.apply(layer, slices, { role: 'layer', inputShapes: [slice] });
      return { states: [], extras: [{ edge, shape }] };
    },
  );
  to.output(to.add(recordPartStep({ offset: 0, shape, time: 'all' }), [record]));
};

/** A shape per sample whose sizes are all known, since a scan keeps what its steps answer side by side. */
export function fixedShape(call: LayerCall, shape: SymbolicShape): number[] {
  return shape.map((size) => {
    if (size !== null && Number.isFinite(size)) return size;
    throw cannotLower(call, 'what it answers at a time step has no fixed size. Give its model input a full shape.');
  });
}

function directionsOf(call: LayerCall): { readonly forward: Layer; readonly backward: Layer } {
  return { forward: innerLayer(call, 'forwardLayer'), backward: innerLayer(call, 'backwardLayer') };
}

/** A layer that a wrapper holds in a field. */
function innerLayer(call: LayerCall, field: string): Layer {
  // The fields are there on every wrapper but not part of tfjs' public types.
  const layer = Reflect.get(call.layer, field) as Layer | undefined;
  if (layer) return layer;
  throw cannotLower(call, `it has no ${field}.`);
}
