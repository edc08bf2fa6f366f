// One layer with any combination of its options, and the shape it reads.
import * as tfl from '@tensorflow/tfjs-layers';
import fc from 'fast-check';
import { activationNames } from '../../src/steps/activations.js';

/** A layer by its name in `tf.layers`, its options, and the shape of a sample. */
export interface LayerSpec {
  readonly kind: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly shape: readonly number[];
}

type Maker = (options: LayerSpec['options']) => tfl.layers.Layer;

/** The layer of a spec. */
export function layerOf({ kind, options }: LayerSpec): tfl.layers.Layer {
  // The options are drawn for this very maker.
  const make = Reflect.get(tfl.layers, kind) as Maker;
  return make(options);
}

const padding = fc.constantFrom('same', 'valid');
const dataFormat = fc.constantFrom('channelsLast', 'channelsFirst');
const activation = fc.constantFrom('linear', ...activationNames());
const upTo = (most: number, rank: number) =>
  fc.tuple(...Array.from({ length: rank }, () => fc.integer({ min: 1, max: most })));

/** `[batch, ...]` without the batch; every window fits into the sizes, dilated or not. */
function shapes(rank: number, format: unknown): fc.Arbitrary<number[]> {
  const spatial = fc.tuple(...Array.from({ length: rank }, () => fc.integer({ min: 5, max: 7 })));
  return fc
    .tuple(spatial, fc.integer({ min: 1, max: 3 }))
    .map(([sizes, channels]) => (format === 'channelsFirst' ? [channels, ...sizes] : [...sizes, channels]));
}

/** Adds a shape that fits the data format. */
function withShape(kind: string, rank: number, options: fc.Arbitrary<LayerSpec['options']>): fc.Arbitrary<LayerSpec> {
  return options.chain((drawn) => shapes(rank, drawn.dataFormat).map((shape) => ({ kind, options: drawn, shape })));
}

function convolution(kind: string, rank: number): fc.Arbitrary<LayerSpec> {
  const base = { filters: fc.integer({ min: 1, max: 4 }), kernelSize: upTo(3, rank), padding, dataFormat, activation };
  // tfjs takes strides or dilations, not both.
  const moves = fc.oneof(
    upTo(3, rank).map((strides) => ({ strides })),
    upTo(2, rank).map((dilationRate) => ({ dilationRate })),
  );
  const options = fc.tuple(
    fc.record({ ...base, useBias: fc.boolean() }),
    kind.endsWith('Transpose') ? strided(rank) : moves,
  );
  return withShape(
    kind,
    rank,
    options.map(([own, moving]) => ({ ...own, ...moving })),
  );
}

const strided = (rank: number) => upTo(3, rank).map((strides) => ({ strides }));

function depthwise(): fc.Arbitrary<LayerSpec> {
  const strides = fc.integer({ min: 1, max: 3 });
  const depthMultiplier = fc.integer({ min: 1, max: 3 });
  const own = {
    kernelSize: upTo(3, 2),
    strides,
    depthMultiplier,
    padding,
    dataFormat,
    activation,
    useBias: fc.boolean(),
  };
  return withShape('depthwiseConv2d', 2, fc.record(own));
}

function separable(): fc.Arbitrary<LayerSpec> {
  const moves = fc.constantFrom({ strides: [1, 1] }, { strides: [2, 2] }, { strides: [1, 1], dilationRate: [2, 2] });
  const own = fc.record({ filters: fc.integer({ min: 1, max: 4 }), kernelSize: upTo(3, 2), padding, activation });
  const options = fc.tuple(
    own,
    moves,
    fc.record({ depthMultiplier: fc.integer({ min: 1, max: 3 }), useBias: fc.boolean() }),
  );
  return withShape(
    'separableConv2d',
    2,
    options.map((parts) => Object.assign({}, ...parts)),
  );
}

function pooling(kind: string, rank: number): fc.Arbitrary<LayerSpec> {
  const format = rank === 1 ? {} : { dataFormat };
  const own = { poolSize: upTo(3, rank), strides: fc.option(upTo(3, rank), { nil: undefined }), padding, ...format };
  return withShape(kind, rank, fc.record(own));
}

function dense(): fc.Arbitrary<LayerSpec> {
  const options = fc.record({ units: fc.integer({ min: 1, max: 4 }), activation, useBias: fc.boolean() });
  const shape = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });
  return fc.record({ kind: fc.constant('dense'), options, shape });
}

/** Any layer that computes with windows or kernels. */
export const layerSpec: fc.Arbitrary<LayerSpec> = fc.oneof(
  dense(),
  convolution('conv2d', 2),
  convolution('conv3d', 3),
  convolution('conv2dTranspose', 2),
  convolution('conv3dTranspose', 3),
  depthwise(),
  separable(),
  ...[1, 2, 3].flatMap((rank) => [pooling(`maxPooling${rank}d`, rank), pooling(`averagePooling${rank}d`, rank)]),
);
