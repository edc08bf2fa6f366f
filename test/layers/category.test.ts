import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { describe, expect, test } from 'vitest';
import { trace } from '../../src/graph/trace.js';
import { explain } from '../../src/index.js';
import { defaultRegistry } from '../../src/layers/default-registry.js';
import { lower } from '../../src/plan/lower.js';
import { at, modelOf, stepsReproduce } from './reproduce.js';

type Mode = 'multiHot' | 'oneHot' | 'count' | 'int' | 'tfIdf';

const encoding = (outputMode: Mode, numTokens = 5) =>
  tfl.layers.categoryEncoding({ numTokens, outputMode, name: 'encode' });

// The layer looks at the values of its input at once, which webgpu cannot hand out.
const expected = 'as on cpu';

describe('CategoryEncoding', () => {
  test.each(['multiHot', 'count', 'int'] as const)('%s', async (mode) => {
    const tokens = tf.tensor2d([1, 2, 2, 0, 4, 4], [2, 3]);
    await stepsReproduce(modelOf(encoding(mode), [[3]]), [tokens], { expected });
  });

  test('oneHot, one token per sample', async () => {
    await stepsReproduce(modelOf(encoding('oneHot'), [[1]]), [tf.tensor2d([3, 0], [2, 1])], { expected });
    await stepsReproduce(modelOf(encoding('oneHot'), [[]]), [tf.tensor1d([3, 0])], { expected });
  });

  test('the relevance of an entry goes to its tokens in equal parts', async () => {
    // tfjs overwrites the shape of the input with that of the output, so the two must be of one size.
    const model = tfl.sequential({
      layers: [
        tfl.layers.inputLayer({ inputShape: [4] }),
        encoding('multiHot', 4),
        tfl.layers.dense({ units: 1, useBias: false, name: 'score' }),
      ],
    });
    tf.tidy(() => model.getLayer('score').setWeights([tf.tensor2d([1, 2, 3, 4], [4, 1])]));
    const explanation = explain(model, tf.tensor2d([2, 0, 2, 1], [1, 4]), 'epsilon');
    const relevance = [...(await at(explanation.inputs, 0).relevance.data())];
    const parts = [1.5, 1, 1.5, 2];
    for (const [index, value] of relevance.entries()) expect(value).toBeCloseTo(parts[index] ?? 0, 4);
    expect((await explanation.conservation()).verdict).toBe('closed');
    explanation.dispose();
  });

  test.each([
    ['tfIdf', [3], 'tfjs has no weights to give to outputMode "tfIdf", and does not run it.'],
    ['oneHot', [3], 'tfjs does not run outputMode "oneHot" on inputs of this shape.'],
    ['count', [2, 3], 'tfjs does not run outputMode "count" on inputs of this shape.'],
    ['multiHot', [], 'without an axis for the tokens it mixes the samples of a batch. Give the input shape [1].'],
  ] as const)('refuses %s on %j', (mode, shape, message) => {
    expect(problemOf(modelOf(encoding(mode), [shape]))).toContain(message);
  });

  test('refuses weights of counts', () => {
    const x = tfl.input({ shape: [3] });
    const output = encoding('count').apply(x, { countWeights: [1] }) as tfl.SymbolicTensor;
    expect(problemOf(tfl.model({ inputs: x, outputs: output }))).toContain('it is called with countWeights');
  });
});

function problemOf(model: tfl.LayersModel): string | undefined {
  return lower(trace(model), defaultRegistry).problems[0]?.message;
}
