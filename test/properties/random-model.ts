// Random feed-forward models. A model is made from a list of operations, each of which takes what it finds (rank, size,
// other tensors of the same shape), so that every list makes a model and shrinking a list still does.
import type * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { apply, applyAll, at, randomizeWeights, randomTensor } from '../explanation/tools.js';

/** One operation; `inner` are those of a nested model. */
export interface Op {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly inner: readonly Op[];
}

export interface ModelSpec {
  readonly seed: number;
  readonly batch: number;
  /** Rank of each input's samples: 1, 2 or 3. */
  readonly inputs: readonly number[];
  readonly ops: readonly Op[];
  /** 0: one output; 1: a second head on an inner tensor; 2: the inner tensor itself. */
  readonly outputs: number;
  readonly link: 'linear' | 'softmax' | 'sigmoid';
}

const KINDS = 18;
const ACTIVATIONS = ['linear', 'relu', 'tanh', 'elu', 'sigmoid', 'swish', 'relu6'] as const;
type Activation = (typeof ACTIVATIONS)[number];
const number = fc.nat(1000);
const flatOp: fc.Arbitrary<Op> = fc.record({ kind: number, a: number, b: number, inner: fc.constant([]) });
const innerOp = (inner: fc.Arbitrary<Op>): fc.Arbitrary<Op> =>
  fc.record({ kind: number, a: number, b: number, inner: fc.array(inner, { minLength: 1, maxLength: 3 }) });

/** Operations that may hold nested models, two deep. */
const anyOp = innerOp(innerOp(flatOp));

export const modelSpec: fc.Arbitrary<ModelSpec> = fc.record({
  seed: fc.integer({ min: 1, max: 100_000 }),
  batch: fc.integer({ min: 1, max: 3 }),
  inputs: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
  ops: fc.array(anyOp, { minLength: 2, maxLength: 8 }),
  outputs: fc.integer({ min: 0, max: 2 }),
  link: fc.constantFrom('linear', 'softmax', 'sigmoid'),
});

/** A model, an input batch for it, and which classes of layers it has. */
export interface Made {
  readonly model: tfl.LayersModel;
  readonly inputs: tf.Tensor[];
}

export function makeModel(spec: ModelSpec): Made {
  const inputs = spec.inputs.map((rank) => tfl.input({ shape: shapeOfRank(rank) }));
  const branches = inputs.map((input, index) => {
    const own = spec.ops.filter((_, position) => position % inputs.length === index);
    return grow(input, own);
  });
  const flat = branches.map((tensors) => flatten(at(tensors, tensors.length - 1)));
  const merged = flat.length > 1 ? apply(tfl.layers.concatenate(), flat) : at(flat, 0);
  const outputs = [apply(tfl.layers.dense({ units: 4, activation: spec.link }), merged)];
  const [tensors = []] = branches;
  const inner = at(tensors, spec.seed % tensors.length);
  if (spec.outputs === 1) outputs.push(apply(tfl.layers.dense({ units: 3 }), flatten(inner)));
  if (spec.outputs === 2) outputs.push(inner);
  const model = tfl.model({ inputs, outputs });
  randomizeWeights(model, spec.seed);
  return { model, inputs: inputsFor(model, spec.batch, spec.seed) };
}

/** A chain of layers as two models with the same weights. */
export function makeChain(spec: ModelSpec): Made & { readonly sequential: tfl.Sequential } {
  const shape = shapeOfRank(at(spec.inputs, 0));
  const input = tfl.input({ shape });
  const made: (() => tfl.layers.Layer)[] = [];
  const add = (x: tfl.SymbolicTensor, make: () => tfl.layers.Layer) => {
    made.push(make);
    return apply(make(), x);
  };
  let x = input;
  for (const op of spec.ops) {
    const make = chainLayer(x, op);
    if (make) x = add(x, make);
  }
  if (x.shape.length > 2) x = add(x, () => tfl.layers.flatten());
  x = add(x, () => tfl.layers.dense({ units: 4, activation: spec.link }));
  const model = tfl.model({ inputs: input, outputs: x });
  const sequential = tfl.sequential({
    layers: [tfl.layers.inputLayer({ inputShape: shape }), ...made.map((m) => m())],
  });
  randomizeWeights(model, spec.seed);
  sequential.setWeights(model.getWeights());
  return { model, sequential, inputs: inputsFor(model, spec.batch, spec.seed) };
}

function inputsFor(model: tfl.LayersModel, batch: number, seed: number): tf.Tensor[] {
  return model.inputs.map((tensor, index) => randomTensor([batch, ...tensor.shape.slice(1).map(Number)], seed + index));
}

/** All tensors made on the way, the input first. */
function grow(input: tfl.SymbolicTensor, ops: readonly Op[]): tfl.SymbolicTensor[] {
  const tensors = [input];
  for (const op of ops) {
    const x = at(tensors, Math.max(0, tensors.length - 1 - (op.b % 3 === 0 ? 1 : 0)));
    tensors.push(applyOp(x, op, tensors));
  }
  return tensors;
}

function applyOp(x: tfl.SymbolicTensor, op: Op, others: readonly tfl.SymbolicTensor[]): tfl.SymbolicTensor {
  switch (op.kind % KINDS) {
    case 14:
      return merge(op, [x, partner(x, op, others)]);
    case 15:
      return merge(op, [x, sameShape(x, op)]);
    case 16:
      return op.inner.length > 0 ? nested(x, op) : shared(x, op);
    case 17:
      return shared(x, op);
    default: {
      const make = chainLayer(x, op);
      return make ? apply(make(), x) : x;
    }
  }
}

/** A layer that takes one tensor, as a factory; null where the operation makes no sense for `x`. */
function chainLayer(x: tfl.SymbolicTensor, op: Op): (() => tfl.layers.Layer) | null {
  const { a, b } = op;
  const activation = pick(ACTIVATIONS, b);
  const spatial = x.shape.slice(1, -1).map(Number);
  const rank = x.shape.length;
  switch (op.kind % KINDS) {
    case 0:
    case 1:
      return () => tfl.layers.dense({ units: 2 + (a % 4), activation, useBias: a % 3 !== 0 });
    case 2:
    case 3:
    case 4:
      return convolution(rank, spatial, op, activation);
    case 5:
      return rank === 4 ? depthwise(spatial, op, activation) : null;
    case 6:
    case 7:
      return pooling(rank, spatial, op);
    case 8:
      return () => tfl.layers.batchNormalization({ center: a % 3 !== 0, scale: b % 3 !== 0 });
    case 9:
      return pick(
        [
          () => tfl.layers.reLU(),
          () => tfl.layers.leakyReLU({ alpha: 0.1 }),
          () => tfl.layers.activation({ activation }),
          () => tfl.layers.reLU({ maxValue: 1 }),
        ],
        a,
      );
    case 10:
      return rank > 2 ? () => tfl.layers.flatten() : () => tfl.layers.reshape({ targetShape: [1, sizeOf(x)] });
    case 11:
      return rank > 2 ? () => tfl.layers.permute({ dims: rank === 3 ? [2, 1] : [2, 1, 3] }) : null;
    case 12:
      return () => tfl.layers.dropout({ rate: 0.5 });
    case 13:
      return globalPooling(rank, op);
    default:
      return null;
  }
}

function convolution(rank: number, spatial: readonly number[], { a, b }: Op, activation: Activation) {
  if (rank < 3) return null;
  const kernelSize = 1 + (a % 3);
  const dilationRate = b % 5 === 0 ? 2 : 1;
  const strides = dilationRate === 1 && b % 2 ? 2 : 1;
  const fits = spatial.every((size) => size >= (kernelSize - 1) * dilationRate + 1);
  const padding: 'same' | 'valid' = fits && a % 2 ? 'valid' : 'same';
  const options = {
    filters: 2 + (a % 3),
    kernelSize,
    strides,
    dilationRate,
    padding,
    activation,
    useBias: b % 4 !== 0,
  };
  return () => (rank === 3 ? tfl.layers.conv1d(options) : tfl.layers.conv2d(options));
}

function depthwise(spatial: readonly number[], { a, b }: Op, activation: Activation) {
  const kernelSize = 1 + (a % 3);
  const padding: 'same' | 'valid' = spatial.every((size) => size >= kernelSize) && a % 2 ? 'valid' : 'same';
  const options = { kernelSize, padding, depthMultiplier: 1 + (b % 2), strides: 1 + (b % 2), activation };
  return () => tfl.layers.depthwiseConv2d(options);
}

function pooling(rank: number, spatial: readonly number[], { kind, a, b }: Op) {
  if (rank < 3) return null;
  const padding: 'same' | 'valid' = spatial.every((size) => size >= 2) && a % 2 ? 'valid' : 'same';
  const options = { poolSize: 2, strides: 1 + (b % 2), padding };
  if (kind % 2) return () => (rank === 3 ? tfl.layers.maxPooling1d(options) : tfl.layers.maxPooling2d(options));
  return () => (rank === 3 ? tfl.layers.averagePooling1d(options) : tfl.layers.averagePooling2d(options));
}

function globalPooling(rank: number, { a }: Op) {
  if (rank === 3) return a % 2 ? () => tfl.layers.globalMaxPooling1d() : () => tfl.layers.globalAveragePooling1d();
  if (rank === 4) {
    return a % 2 ? () => tfl.layers.globalMaxPooling2d({}) : () => tfl.layers.globalAveragePooling2d({});
  }
  return null;
}

/**
 * Another tensor of the same shape: one that is there, or a new one. Never `x` itself: tfjs disposes a tensor that a layer
 * reads twice, although others may still want it.
 */
function partner(x: tfl.SymbolicTensor, op: Op, others: readonly tfl.SymbolicTensor[]): tfl.SymbolicTensor {
  const equal = others.filter((other) => other !== x && String(other.shape) === String(x.shape));
  return equal.length > 0 ? pick(equal, op.b) : sameShape(x, op);
}

function sameShape(x: tfl.SymbolicTensor, { b }: Op): tfl.SymbolicTensor {
  const units = Number(x.shape[x.shape.length - 1]);
  return apply(tfl.layers.dense({ units, activation: b % 2 ? 'relu' : 'linear' }), x);
}

function merge({ a }: Op, inputs: tfl.SymbolicTensor[]): tfl.SymbolicTensor {
  const layer = pick(
    [
      () => tfl.layers.add(),
      () => tfl.layers.concatenate(),
      () => tfl.layers.multiply(),
      () => tfl.layers.maximum(),
      () => tfl.layers.average(),
      () => tfl.layers.minimum(),
    ],
    a,
  );
  return apply(layer(), inputs);
}

/** A nested model, functional or Sequential, called once or (where its shapes allow) twice. */
function nested(x: tfl.SymbolicTensor, op: Op): tfl.SymbolicTensor {
  const shape = x.shape.slice(1);
  const inner = tfl.input({ shape });
  const tensors = grow(inner, op.inner);
  const last = at(tensors, tensors.length - 1);
  if (op.b % 4 === 0) {
    const both = applyAll(tfl.model({ inputs: inner, outputs: [flatten(last), flatten(at(tensors, 0))] }), x);
    return apply(tfl.layers.concatenate(), both);
  }
  const chain = op.b % 3 === 0 ? sequentialOf(op.inner, shape) : null;
  const model = chain ?? tfl.model({ inputs: inner, outputs: last === inner ? flatten(last) : last });
  const once = apply(model, x);
  return String(once.shape) === String(x.shape) ? apply(model, once) : once;
}

/** The operations as a Sequential, or null where none of them is a layer in a chain. */
function sequentialOf(ops: readonly Op[], inputShape: tfl.Shape): tfl.Sequential | null {
  let x = tfl.input({ shape: inputShape });
  const made: tfl.layers.Layer[] = [];
  for (const op of ops) {
    const layer = chainLayer(x, op)?.();
    if (!layer) continue;
    made.push(layer);
    x = apply(layer, x);
  }
  if (made.length === 0) return null;
  const fresh = made.map((layer) => remake(layer));
  return tfl.sequential({ layers: [tfl.layers.inputLayer({ inputShape }), ...fresh] });
}

/** The same layer under another name: one that is in no graph yet. */
function remake(layer: tfl.layers.Layer): tfl.layers.Layer {
  const config = layer.getConfig();
  const made = layer.constructor as tf.serialization.SerializableConstructor<tfl.layers.Layer>;
  return made.fromConfig(made, { ...config, name: `${layer.name}_again` });
}

/** A layer called twice, on its own output and on `x`. */
function shared(x: tfl.SymbolicTensor, { a, b }: Op): tfl.SymbolicTensor {
  const units = Number(x.shape[x.shape.length - 1]);
  const layer = tfl.layers.dense({ units, activation: b % 2 ? 'relu' : 'tanh' });
  const once = apply(layer, x);
  const twice = apply(layer, once);
  return a % 2 ? twice : apply(tfl.layers.add(), [once, twice]);
}

function flatten(x: tfl.SymbolicTensor): tfl.SymbolicTensor {
  return x.shape.length > 2
    ? apply(tfl.layers.flatten(), x)
    : apply(tfl.layers.activation({ activation: 'linear' }), x);
}

function shapeOfRank(rank: number): number[] {
  return [[5], [6, 3], [6, 5, 2]][rank - 1] ?? [5];
}

function sizeOf(x: tfl.SymbolicTensor): number {
  return x.shape.slice(1).reduce<number>((product, size) => product * Number(size), 1);
}

function pick<T>(list: readonly T[], index: number): T {
  return at(list, index % list.length);
}
