// Recurrent models for the tests of this folder.
import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { randomizeWeights, randomTensor, stepsReproduce } from '../layers/reproduce.js';
import { onCpu } from '../on-cpu.js';

/** What a recurrent layer is made with. */
export type RecurrentArgs = Parameters<typeof tfl.layers.lstm>[0];

/** The recurrent layers whose cells are dense. */
export type Kind = 'lstm' | 'gru' | 'simpleRNN';

export const KINDS: readonly Kind[] = ['lstm', 'gru', 'simpleRNN'];

// The orthogonal initializer needs chained ops, which nothing here installs.
const INITIALIZERS = { recurrentInitializer: 'glorotNormal' } as const;

/** A recurrent layer. The arguments of the three kinds agree but for a few that only some know. */
export function recurrent(kind: Kind, args: RecurrentArgs): tfl.RNN {
  return tfl.layers[kind]({ ...INITIALIZERS, ...args }) as tfl.RNN;
}

/** A cell of a recurrent layer. */
export function cell(kind: Kind, args: RecurrentArgs) {
  const made = { lstm: tfl.layers.lstmCell, gru: tfl.layers.gruCell, simpleRNN: tfl.layers.simpleRNNCell };
  return made[kind]({ ...INITIALIZERS, ...args });
}

/** How many states a kind carries. */
export function statesOf(kind: Kind): number {
  return kind === 'lstm' ? 2 : 1;
}

/** Where a layer's input comes from. */
export interface Around {
  /** Time steps; default 4. */
  readonly times?: number;
  /** Features per time step; default 3. */
  readonly features?: number;
  /** Initial states as inputs of the model, of these sizes. */
  readonly initial?: readonly number[];
  /** Whether a Masking layer comes before. */
  readonly masked?: boolean;
}

/** A model of one layer over `[batch, times, features]`, whose outputs are all of the layer's. */
export function modelAround(layer: tfl.layers.Layer, around: Around = {}): tfl.LayersModel {
  const { times = 4, features = 3, initial = [], masked = false } = around;
  const sequence = tfl.input({ shape: [times, features] });
  const states = initial.map((size) => tfl.input({ shape: [size] }));
  // One input gives one tensor.
  const x = masked ? (tfl.layers.masking({ maskValue: 0 }).apply(sequence) as tfl.SymbolicTensor) : sequence;
  const outputs =
    states.length > 0 ? layer.apply(x, { initialState: states } as Record<string, unknown>) : layer.apply(x);
  return tfl.model({ inputs: [sequence, ...states], outputs: outputs as tfl.SymbolicTensor[] });
}

/** Random inputs of a model; where it masks, two time steps of the first sample and one of the second are zero. */
export function inputsOf(model: tfl.LayersModel, around: Around = {}, batch = 2, seed = 3): tf.Tensor[] {
  return model.inputs.map((input, index) => {
    const shape = [batch, ...input.shape.slice(1).map(Number)];
    if (index > 0 || !around.masked) return randomTensor(shape, seed + index);
    return withGaps(randomTensor(shape, seed));
  });
}

/** The tensor with time steps 0 and 2 of the first sample, and the last one of the last sample, set to zero. */
export function withGaps(x: tf.Tensor): tf.Tensor {
  const [batch = 1, times = 1] = x.shape;
  const gaps = [0, 2, batch * times - 1];
  const keep = Array.from({ length: batch * times }, (_, row) => (gaps.includes(row) ? 0 : 1));
  const ones = new Array<number>(x.rank - 2).fill(1);
  const made = tf.tidy(() => tf.mul(x, tf.tensor(keep, [batch, times, ...ones])));
  x.dispose();
  return made;
}

/**
 * The steps of a layer give what its own `call` gives. The model around it is not asked: with initial states and several
 * outputs tfjs calls the layer once per output, and refuses the second time.
 *
 * @returns The names of the steps.
 */
export async function reproducesCall(layer: tfl.layers.Layer, around: Around = {}, batch = 2): Promise<string[]> {
  const model = modelAround(layer, around);
  randomizeWeights(model);
  const inputs = inputsOf(model, around, batch);
  // On webgpu the float that tfjs casts a mask to is no float to all kernels, and nothing gets through a masked layer.
  const expected = await onCpu(() => answersOf(layer, inputs, around), model, ...inputs);
  const names = await stepsReproduce(model, inputs, { keepWeights: true, expected });
  model.dispose();
  return names;
}

/** What a layer's `call` answers, given its inputs as tensors. */
export function answersOf(layer: tfl.layers.Layer, [x, ...states]: readonly tf.Tensor[], around: Around): tf.Tensor[] {
  return tf.tidy(() => {
    if (!x) throw new Error('no input');
    const mask = around.masked ? tf.any(tf.notEqual(x, 0), -1) : null;
    const initialState = states.length > 0 ? states : null;
    const answer = layer.call(x, { mask, initialState });
    return (Array.isArray(answer) ? answer : [answer]).map((tensor) => tf.clone(tensor));
  });
}

/** All choices of true and false for the keys. */
export function choices<K extends string>(...keys: readonly K[]): Record<K, boolean>[] {
  const all = Array.from({ length: 2 ** keys.length }, (_, bits) =>
    Object.fromEntries(keys.map((key, index) => [key, ((bits >> index) & 1) === 1])),
  );
  // Every record has every key.
  return all as Record<K, boolean>[];
}
