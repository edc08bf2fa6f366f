// EinsumDense by steps: every kind of equation, with and without bias, against tfjs' own einsum.
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { trace } from '../../src/graph/trace.js';
import { parseEinsum } from '../../src/kernels/einsum-equation.js';
import { defaultRegistry } from '../../src/layers/default-registry.js';
import { lower } from '../../src/plan/lower.js';
import { predict, randomizeWeights, randomTensor, stepsReproduce } from '../layers/reproduce.js';
import { onCpu } from '../on-cpu.js';
import { EinsumDense, input, model } from './nlp.js';

interface Case {
  readonly equation: string;
  readonly shape: readonly number[];
  readonly outputShape: readonly (number | null)[];
  readonly biases: readonly string[];
}

const CASES: readonly Case[] = [
  { equation: 'ab,bc->ac', shape: [4], outputShape: [5], biases: ['c'] },
  { equation: 'abc,cd->abd', shape: [3, 4], outputShape: [3, 5], biases: ['d', 'bd'] },
  { equation: 'abc,cde->abde', shape: [3, 4], outputShape: [3, 2, 5], biases: ['de', 'e', 'd', 'bde'] },
  { equation: 'abcd,cde->abe', shape: [3, 2, 4], outputShape: [null, 5], biases: ['e'] },
  { equation: 'abcd,cde->abce', shape: [3, 2, 4], outputShape: [null, 2, 5], biases: ['ce', 'e'] },
  { equation: 'abc,cbd->adb', shape: [3, 4], outputShape: [5, 3], biases: ['d', 'b', 'db'] },
  { equation: 'abc,dc->adb', shape: [3, 4], outputShape: [5, 3], biases: ['d', 'b'] },
  { equation: 'abc,bd->adc', shape: [3, 4], outputShape: [5, 4], biases: ['dc'] },
  { equation: 'ab,c->abc', shape: [4], outputShape: [4, 5], biases: ['c'] },
  { equation: 'abc,b->abc', shape: [3, 4], outputShape: [3, 4], biases: ['c'] },
];

const OPTIONS = CASES.flatMap(({ biases, ...rest }) => [null, ...biases].map((biasAxes) => ({ ...rest, biasAxes })));

describe('EinsumDense', () => {
  test.each(OPTIONS)('$equation with bias over $biasAxes', async ({ equation, shape, outputShape, biasAxes }) => {
    const layer = new EinsumDense({ equation, outputShape: [...outputShape], ...(biasAxes ? { biasAxes } : {}) });
    const built = ownModel(layer, shape);
    randomizeWeights(built);
    const x = randomTensor([2, ...shape]);
    const expected = await onCpu(() => predict(built, [x]));
    const names = await stepsReproduce(built, [x], { keepWeights: true, expected });
    expect(names).toEqual([`einsum ${equation}`]);
  });

  test.each(['relu', 'tanh', 'softmax'] as const)('activation %s', async (activation) => {
    const layer = new EinsumDense({ equation: 'abc,cd->abd', outputShape: [null, 5], biasAxes: 'd', activation });
    const built = ownModel(layer, [3, 4]);
    randomizeWeights(built);
    const x = randomTensor([2, 3, 4]);
    const expected = await onCpu(() => predict(built, [x]));
    expect(await stepsReproduce(built, [x], { keepWeights: true, expected })).toEqual([
      'einsum abc,cd->abd',
      activation,
    ]);
  });

  test('sums over an axis that only the input has, which tfjs does not get right', async () => {
    const layer = new EinsumDense({ equation: 'abc,cd->ad', outputShape: [5], biasAxes: 'd' });
    const built = ownModel(layer, [3, 4]);
    randomizeWeights(built);
    const x = randomTensor([2, 3, 4]);
    const [kernel, bias] = layer.getWeights();
    const expected = tf.tidy(() => tf.add(tf.matMul(tf.sum(x, 1), kernel ?? x), bias ?? 0));
    await stepsReproduce(built, [x], { keepWeights: true, expected: [expected] });
  });

  // tfjs builds such a layer but cannot run it: its einsum does not know "...". The steps do.
  test.each([
    ['...x,xy->...y', 'abx,xy->aby', [5]],
    ['ab...,bc->ac...', 'abx,bc->acx', [5]],
  ] as const)('%s as %s', async (equation, spelled, outputShape) => {
    const [elided, plain] = [equation, spelled].map((own) => {
      const full = own === spelled && spelled.endsWith('y') ? [null, 5] : own === spelled ? [5, 4] : outputShape;
      return ownModel(new EinsumDense({ equation: own, outputShape: [...full] }), [3, 4]);
    });
    if (!elided || !plain) throw new Error('two models');
    randomizeWeights(plain);
    elided.setWeights(plain.getWeights());
    const x = randomTensor([2, 3, 4]);
    const expected = await onCpu(() => predict(plain, [x]));
    await expect(onCpu(() => predict(elided, [x]))).rejects.toThrow('not supported yet');
    await stepsReproduce(elided, [x], { keepWeights: true, expected });
  });

  test.each([
    ['ab,ac->bc', 5],
    ['ab,bc->ca', 4],
  ] as const)('%s, which mixes samples, is refused', (equation, outputShape) => {
    const layer = new EinsumDense({ equation, outputShape, name: 'mixing' });
    const built = modelOfFixedBatch(layer, [4, 4]);
    const [problem] = lower(trace(built), defaultRegistry).problems;
    expect(problem?.message).toContain('does not keep the batch, its first axis, apart');
  });
});

describe('equations that are none of an input and a kernel', () => {
  test.each(['ab->ba', 'ab,bc,cd->ad', 'aa,ab->ab', 'ab,bc->ad', 'ab,bcd->ac', 'abc,bc->a', 'a..b,bc->ac', ''])(
    '%s',
    (equation) => {
      expect(parseEinsum(equation, 2)).toBeNull();
    },
  );
});

function ownModel(layer: EinsumDense, shape: readonly number[]) {
  const x = input({ shape: [...shape] });
  return model({ inputs: x, outputs: layer.apply(x) as ReturnType<typeof input> });
}

function modelOfFixedBatch(layer: EinsumDense, shape: readonly number[]) {
  const x = input({ batchShape: [...shape] });
  return model({ inputs: x, outputs: layer.apply(x) as ReturnType<typeof input> });
}
