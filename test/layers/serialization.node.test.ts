// Every layer class that tfjs-layers has, exported or not, is explained, or says why it cannot be.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-layers/dist/exports_layers';
import '@tensorflow/tfjs-layers/dist/layers/nlp/einsum_dense';
import '@tensorflow/tfjs-layers/dist/layers/nlp/modeling/cached_multihead_attention';
import '@tensorflow/tfjs-layers/dist/layers/nlp/modeling/position_embedding';
import '@tensorflow/tfjs-layers/dist/layers/nlp/modeling/transformer_decoder';
import '@tensorflow/tfjs-layers/dist/layers/nlp/models/gpt2/gpt2_backbone';
import '@tensorflow/tfjs-layers/dist/layers/nlp/models/gpt2/gpt2_causal_lm';
import '@tensorflow/tfjs-layers/dist/layers/nlp/models/gpt2/gpt2_causal_lm_preprocessor';
import '@tensorflow/tfjs-layers/dist/layers/nlp/models/gpt2/gpt2_preprocessor';
import '@tensorflow/tfjs-layers/dist/layers/nlp/models/gpt2/gpt2_tokenizer';
import '@tensorflow/tfjs-layers/dist/layers/nlp/preprocessing/start_end_packer';
import '@tensorflow/tfjs-layers/dist/layers/nlp/tokenizers';
import { Container } from '@tensorflow/tfjs-layers/dist/engine/container';
import { Layer } from '@tensorflow/tfjs-layers/dist/engine/topology';
import { input, model } from '@tensorflow/tfjs-layers/dist/exports';
import { randomWidth } from '@tensorflow/tfjs-layers/dist/exports_layers';
import { StartEndPacker } from '@tensorflow/tfjs-layers/dist/layers/nlp/preprocessing/start_end_packer';
import { RandomHeight } from '@tensorflow/tfjs-layers/dist/layers/preprocessing/random_height';
import { describe, expect, test } from 'vitest';
import { trace } from '../../src/graph/trace.js';
import { defaultRegistry } from '../../src/layers/default-registry.js';
import { lower } from '../../src/plan/lower.js';

/** Classes still being written: none of them may have an adapter. */
const PENDING: readonly string[] = [];

/** Classes with an adapter that refuses, and the reason it gives. */
const REFUSED: Readonly<Record<string, string>> = {
  BytePairTokenizer: 'text',
  GPT2CausalLMPreprocessor: 'text',
  GPT2Preprocessor: 'text',
  Preprocessor: 'text',
  RandomHeight: 'random',
  RandomWidth: 'random',
  StartEndPacker: 'text',
};

type Constructor = { readonly prototype: unknown };

/** All classes that can be saved: layers, models, initializers, optimizers, activations ... */
const registered = Object.entries(tf.serialization.SerializationMap.getMap().classNameMap).map(
  ([name, [made]]): [string, Constructor] => [name, made],
);

/** Not `instanceof`: in Node the classes are those of two copies of tfjs-layers. */
const isLayer = ([, { prototype }]: [string, Constructor]) => has(prototype, ['call', 'computeOutputShape', 'build']);
const isModel = ([, { prototype }]: [string, Constructor]) => has(prototype, ['getLayer', 'toJSON']);

describe('layer classes', () => {
  const layers = registered.filter(isLayer);
  const names = layers.filter((entry) => !isModel(entry)).map(([name]) => name);

  test('are told apart from everything else that can be saved', () => {
    expect(has(Layer.prototype, ['call', 'computeOutputShape', 'build'])).toBe(true);
    expect(has(Container.prototype, ['getLayer', 'toJSON'])).toBe(true);
    const others = registered.filter((entry) => !isLayer(entry)).map(([name]) => name);
    expect(others).toEqual(expect.arrayContaining(['GlorotUniform', 'L1L2', 'NonNeg', 'Adam', 'relu'].filter(isSaved)));
    expect(others.filter((name) => defaultRegistry.classNames.includes(name))).toEqual([]);
    expect(names.length).toBeGreaterThan(70);
  });

  test('all have an adapter', () => {
    const unknown = names.filter((name) => !defaultRegistry.classNames.includes(name));
    expect(unknown).toEqual(PENDING);
  });

  test('are no more than there are: no adapter is for a class that tfjs lacks', () => {
    expect(defaultRegistry.classNames.filter((name) => !names.includes(name))).toEqual([]);
  });

  test('models are opened, whatever their class', () => {
    const models = layers.filter(isModel).map(([name]) => name);
    expect(models.sort()).toMatchInlineSnapshot(`
      [
        "Backbone",
        "Functional",
        "GPT2Backbone",
        "GPT2CausalLM",
        "Model",
        "Sequential",
      ]
    `);
    expect(models.filter((name) => defaultRegistry.classNames.includes(name))).toEqual([]);
  });
});

describe('layers that cannot be explained say why', () => {
  test.each(Object.entries(REFUSED))('%s', (className, reason) => {
    const adapter = defaultRegistry.resolve(callOf(className));
    const refuse = () => adapter?.(callOf(className), {} as never);
    if (reason === 'text') expect(refuse).toThrow(/it turns text into tokens/);
    else expect(refuse).toThrow(/tfjs resizes at random in every call/);
  });

  test.each([
    ['RandomWidth', () => randomWidth({ factor: 0.5, name: 'random' })],
    ['RandomHeight', () => new RandomHeight({ factor: 0.5, name: 'random' } as never)],
  ] as const)('%s, which tfjs itself cannot run in a model', (_name, make) => {
    const x = input({ shape: [4, 6, 2] });
    const built = model({ inputs: x, outputs: make().apply(x) as ReturnType<typeof input> });
    // Each backend fails with words of its own.
    expect(() => built.apply(tf.zeros([1, 4, 6, 2]))).toThrow();
    const [problem] = lower(trace(built), defaultRegistry).problems;
    expect(problem?.message.replace(_name, 'Random')).toMatchInlineSnapshot(
      `"Layer "random" (class Random) at random: tfjs resizes at random in every call, outside of training too, and cannot run the layer as part of a model. Build the model without it: it has no weights."`,
    );
  });

  test('StartEndPacker', () => {
    const x = input({ shape: [3] });
    const layer = new StartEndPacker({ sequenceLength: 5, name: 'pack' } as never);
    const built = model({ inputs: x, outputs: layer.apply(x) as ReturnType<typeof input> });
    const [problem] = lower(trace(built), defaultRegistry).problems;
    expect(problem?.message).toMatchInlineSnapshot(
      `"Layer "pack" (class StartEndPacker) at pack: it turns text into tokens, where no relevance can be. Explain the model that reads the tokens."`,
    );
  });
});

function isSaved(name: string): boolean {
  return registered.some(([known]) => known === name);
}

function has(prototype: unknown, methods: readonly string[]): boolean {
  return methods.every((name) => typeof Reflect.get(Object(prototype), name) === 'function');
}

/** As much of a call as a refusal looks at. */
function callOf(className: string) {
  const layer = { name: 'one', getClassName: () => className, constructor: class {} };
  return { layer, className, address: { path: [], layer: 'one', call: 0 } } as never;
}
